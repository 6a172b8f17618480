package io.ollyscale.jobs.cli.doctor;

import java.util.Locale;

/** How something is. */
public enum Level {
    OK,
    /** It works, and somebody should know. */
    WARNING,
    /** Ingest doesn't work, or will lose data. */
    FAILED,
    /** Nobody knows: something else has to be mended first. */
    SKIPPED;

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
