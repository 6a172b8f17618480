package io.ollyscale.jobs.cli;

import io.ollyscale.functions.maintenance.Chore;
import io.ollyscale.functions.maintenance.Round;
import io.ollyscale.functions.maintenance.UnstoredDimensions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What maintenance did at one time, in one line. */
final class MaintainText {

    private MaintainText() {}

    static String of(Round round) {
        List<String> parts = new ArrayList<>();
        if (round.done().contains(Chore.PARTITIONS) && round.done().contains(Chore.ROLLUP_PARTITIONS)) {
            parts.add("partitions are there");
        }
        round.putOff().forEach(chore -> parts.add("somebody has locked what it takes to " + chore));
        if (round.done().contains(Chore.FOLDING)) {
            parts.add(folding(round));
        }
        parts.addAll(round.disposals());
        round.dimensions()
                .filter(found -> found.collisions() + found.refused() > 0)
                .ifPresent(found -> parts.add(dimensions(found)));
        if (round.replaysPublished() > 0) {
            parts.add(round.replaysPublished() + (round.replaysPublished() == 1 ? " record" : " records")
                    + " published again");
        }
        return parts.isEmpty() ? "nothing to do" : String.join("; ", parts);
    }

    private static String folding(Round round) {
        if (round.isFoldedElsewhere()) {
            return "rollups are being folded by another session";
        }
        Duration lag = round.rollupLag().orElse(Duration.ZERO);
        return lag.isZero() ? "all rollups are folded" : "rollups are folded but for the last " + Ages.of(lag);
    }

    private static String dimensions(UnstoredDimensions found) {
        return found.collisions() + " dimensions collide and " + found.refused()
                + " were refused, see ollyscale status";
    }
}
