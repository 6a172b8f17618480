package io.ollyscale.faults.rounds;

import io.ollyscale.faults.kinds.Fault;
import io.ollyscale.faults.load.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a round found.
 *
 * @param faults that struck together
 * @param missed those of them that found nothing to hit, because of the others
 * @param startsWithoutState how often the job stopped for good and was started as its message told to
 * @param took from the first fault until everything was stored
 * @param failure of the round itself: something that never came to rest
 */
public record Round(
        List<Fault> faults,
        List<Fault> missed,
        Outcome outcome,
        int startsWithoutState,
        Duration took,
        Optional<Exception> failure) {

    public boolean isGood() {
        return failure.isEmpty() && outcome.isExact() && mayHaveEnded() && missed.size() < faults.size();
    }

    private boolean mayHaveEnded() {
        return startsWithoutState == 0 || faults.stream().anyMatch(Fault::mayEnd);
    }

    public String faultNames() {
        return faults.stream().map(Fault::name).collect(Collectors.joining(" + "));
    }

    @Override
    public String toString() {
        String result;
        if (failure.isPresent()) {
            result = "FAILED: " + failure.get();
        } else if (missed.size() == faults.size()) {
            result = "FOUND NOTHING TO HIT";
        } else if (!mayHaveEnded()) {
            result = "ENDED FOR GOOD, which it may not; " + outcome;
        } else if (outcome.isExact()) {
            result = "exact, " + outcome.sent() + " sent";
        } else {
            result = "NOT EXACT: " + outcome;
        }
        return "%s%s: %s, %.1f s%s"
                .formatted(
                        faultNames(),
                        missed.isEmpty() ? "" : " (nothing hit by: " + missed + ")",
                        result,
                        took.toMillis() / 1e3,
                        startsWithoutState == 0 ? "" : ", started without state");
    }
}
