package io.ollyscale.jobs.cli.top;

import java.util.Locale;

/** What has a row of its own. */
public enum Grouping {
    /** A service in an environment, its versions and instances together. */
    SERVICE,
    /** A span name and kind of such a service. */
    OPERATION;

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
