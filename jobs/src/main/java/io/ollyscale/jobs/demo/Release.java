package io.ollyscale.jobs.demo;

/**
 * A version of a service as it is deployed.
 *
 * @param instances how many of it run; each gets an equal share of the service's requests
 * @param regressed whether it is the bad one: slower, and with faults that the other versions don't have
 */
record Release(Environment environment, String version, int instances, boolean regressed) {

    static Release production(String version, int instances) {
        return new Release(Environment.PRODUCTION, version, instances, false);
    }

    static Release staging(String version) {
        return new Release(Environment.STAGING, version, 1, false);
    }

    Release asRegressed() {
        return new Release(environment, version, instances, true);
    }
}
