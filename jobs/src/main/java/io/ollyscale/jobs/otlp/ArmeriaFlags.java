package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.FlagsProvider;

/** What Armeria is told by service loader. Public for that alone. */
public final class ArmeriaFlags implements FlagsProvider {

    /** Above Armeria's defaults, which are the lowest. */
    @Override
    public int priority() {
        return 0;
    }

    /** Flink has a Netty of its own, in a package of its own, which Armeria would warn of at every start. */
    @Override
    public Boolean warnNettyVersions() {
        return false;
    }
}
