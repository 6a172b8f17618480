package io.ollyscale.jobs.cli.status;

import java.util.List;
import java.util.Optional;

/**
 * The status, ready to be shown.
 *
 * @param lags empty where Kafka has no topic to read, or {@code lagProblem} says why they are unknown
 * @param lagProblem one line; empty where Kafka answered
 */
public record StatusReport(StoreStatus store, List<PartitionLag> lags, Optional<String> lagProblem) {

    public static StatusReport of(StoreStatus store, List<PartitionLag> lags) {
        return new StatusReport(store, lags, Optional.empty());
    }

    public static StatusReport withoutLag(StoreStatus store, String problem) {
        return new StatusReport(store, List.of(), Optional.of(problem));
    }

    /**
     * Whether somebody should look: data is lost, can't be stored, is not to be found by its dimensions, or nobody knows
     * whether it arrives.
     */
    public boolean hasFindings() {
        return lagProblem.isPresent()
                || store.partitions()
                        .filter(partitions -> partitions.ahead().isNegative())
                        .isPresent()
                || !store.gaps().isEmpty()
                || lost() > 0
                || store.dimensions().collisions() > 0
                || store.dimensions().refused() > 0;
    }

    /** How many records wait to be stored. */
    public long lag() {
        return lags.stream().mapToLong(PartitionLag::lag).sum();
    }

    /** How many records Kafka has deleted before they were stored, and no gap says so yet. */
    public long lost() {
        return lags.stream().mapToLong(PartitionLag::lost).sum();
    }
}
