package io.ollyscale.functions.faults;

import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.testing.TestPolicy;
import java.time.Duration;

/**
 * How a job is submitted.
 *
 * @param name the job's, as it registers its generation
 * @param restoreFrom a checkpoint or savepoint; null to start without state
 * @param failures that {@link FaultPoint} throws at random points in each signal's chain
 * @param holdAt the offset that {@link FaultPoint} stops each signal's chain at until it is told to go on, with a source
 *     that reads hardly ahead and transactions by number of units alone; {@link Long#MAX_VALUE} for none
 * @param policy of attributes
 * @param dimensionInterval after which a dimension that is still seen is reported, and written, again
 * @param discovery how often Kafka is asked for new partitions; a deleted topic fails the job then
 */
record JobPlan(
        String name,
        int parallelism,
        String restoreFrom,
        PositionLedger ledger,
        int failures,
        long seed,
        long holdAt,
        AttributePolicy policy,
        Duration dimensionInterval,
        Duration discovery) {

    /** A job without state that nothing happens to. */
    static final JobPlan PLAIN = new JobPlan(
            "ingest",
            2,
            null,
            new PositionLedger(),
            0,
            0,
            Long.MAX_VALUE,
            TestPolicy.POLICY,
            Duration.ofDays(1),
            Duration.ofMinutes(5));

    JobPlan named(String newName) {
        return new JobPlan(
                newName,
                parallelism,
                restoreFrom,
                ledger,
                failures,
                seed,
                holdAt,
                policy,
                dimensionInterval,
                discovery);
    }

    JobPlan parallel(int subtasks) {
        return new JobPlan(
                name, subtasks, restoreFrom, ledger, failures, seed, holdAt, policy, dimensionInterval, discovery);
    }

    JobPlan from(String snapshot) {
        return new JobPlan(
                name, parallelism, snapshot, ledger, failures, seed, holdAt, policy, dimensionInterval, discovery);
    }

    JobPlan with(PositionLedger another) {
        return new JobPlan(
                name, parallelism, restoreFrom, another, failures, seed, holdAt, policy, dimensionInterval, discovery);
    }

    JobPlan failing(int times, long atRandom) {
        return new JobPlan(
                name, parallelism, restoreFrom, ledger, times, atRandom, holdAt, policy, dimensionInterval, discovery);
    }

    JobPlan discovering(Duration interval) {
        return new JobPlan(
                name, parallelism, restoreFrom, ledger, failures, seed, holdAt, policy, dimensionInterval, interval);
    }

    JobPlan under(AttributePolicy another) {
        return new JobPlan(
                name, parallelism, restoreFrom, ledger, failures, seed, holdAt, another, dimensionInterval, discovery);
    }

    JobPlan rewritingDimensions(Duration interval) {
        return new JobPlan(name, parallelism, restoreFrom, ledger, failures, seed, holdAt, policy, interval, discovery);
    }

    JobPlan heldAt(long offset) {
        return new JobPlan(
                name, parallelism, restoreFrom, ledger, failures, seed, offset, policy, dimensionInterval, discovery);
    }

    boolean isHeld() {
        return holdAt < Long.MAX_VALUE;
    }
}
