package io.ollyscale.jobs.demo;

import java.util.concurrent.TimeUnit;

/** How long processes run before their memory is at its limit, and Kubernetes starts them again. */
enum Lifetime {
    /** For good. */
    STEADY(Long.MAX_VALUE),
    /** The bad version's, which leaks. */
    LEAKING(TimeUnit.MINUTES.toNanos(4)),
    /** Python keeps what a model needed. */
    GROWING(TimeUnit.MINUTES.toNanos(30));

    private static final long LIMIT_BYTES = 512L << 20;

    private final long nanos;

    Lifetime(long nanos) {
        this.nanos = nanos;
    }

    static Lifetime of(Instance instance) {
        if (instance.release().regressed()) {
            return LEAKING;
        }
        return instance.service() == Service.RECOMMENDATION ? GROWING : STEADY;
    }

    boolean isOver(long uptimeNanos) {
        return uptimeNanos >= nanos;
    }

    /** Bytes. */
    long leaked(long uptimeNanos) {
        return (long) ((double) LIMIT_BYTES * uptimeNanos / nanos);
    }
}
