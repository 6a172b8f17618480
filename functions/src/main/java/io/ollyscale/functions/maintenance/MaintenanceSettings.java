package io.ollyscale.functions.maintenance;

import java.io.Serializable;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What maintenance does, and how often.
 *
 * @param chores what is done
 * @param interval of everything but folding
 * @param foldInterval of folding
 * @param partitionsAhead how far from now on partitions must exist
 * @param partitionsWidth of a new partition of facts: whole hours or days
 * @param minutesRetention how long rollups by minute are kept; zero: for ever
 * @param hoursRetention how long rollups by hour are kept; zero: for ever
 */
public record MaintenanceSettings(
        Set<Chore> chores,
        Duration interval,
        Duration foldInterval,
        Duration partitionsAhead,
        Duration partitionsWidth,
        Duration minutesRetention,
        Duration hoursRetention)
        implements Serializable {

    public MaintenanceSettings {
        chores = Set.copyOf(chores);
    }

    /** The same, but one chore less. */
    public MaintenanceSettings without(Chore left) {
        return new MaintenanceSettings(
                chores.stream().filter(chore -> chore != left).collect(Collectors.toSet()),
                interval,
                foldInterval,
                partitionsAhead,
                partitionsWidth,
                minutesRetention,
                hoursRetention);
    }

    Duration intervalOf(Chore chore) {
        return chore == Chore.FOLDING ? foldInterval : interval;
    }
}
