package io.ollyscale.faults.rounds;

import io.ollyscale.faults.load.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The table of all rounds: a row for each kind of fault that struck alone, and one for those that struck together. Thread-safe. */
public final class Report {
    private static final String FORMAT = "%-46s %6s %10s %10s %12s %10s %6s %8s %6s %9s%n";

    private final List<Round> rounds = new CopyOnWriteArrayList<>();

    public void add(Round round) {
        rounds.add(round);
    }

    public boolean isGood() {
        return rounds.stream().allMatch(Round::isGood);
    }

    public List<Round> bad() {
        return rounds.stream().filter(round -> !round.isGood()).toList();
    }

    @Override
    public String toString() {
        if (rounds.isEmpty()) {
            return "No rounds.";
        }
        Map<String, List<Round>> byKind = new LinkedHashMap<>();
        rounds.stream()
                .sorted(Comparator.comparing(Report::kind))
                .forEach(round -> byKind.computeIfAbsent(kind(round), kind -> new ArrayList<>())
                        .add(round));
        StringBuilder table = new StringBuilder(FORMAT.formatted(
                "fault",
                "times",
                "sent",
                "stored",
                "quarantined",
                "duplicated",
                "lost",
                "altered",
                "failed",
                "median"));
        byKind.forEach((kind, ofKind) -> table.append(row(kind, ofKind)));
        table.append(row("all", rounds));
        return table.toString();
    }

    private static String kind(Round round) {
        return round.faults().size() == 1
                ? round.faultNames()
                : "~ " + round.faults().size() + " together";
    }

    private static String row(String kind, List<Round> rounds) {
        Outcome outcome = rounds.stream().map(Round::outcome).reduce(Outcome.NOTHING, Outcome::plus);
        List<Duration> times = rounds.stream().map(Round::took).sorted().toList();
        return FORMAT.formatted(
                kind,
                rounds.size(),
                outcome.sent(),
                outcome.stored(),
                outcome.quarantined(),
                outcome.duplicated(),
                outcome.lost(),
                outcome.altered(),
                rounds.stream().filter(round -> !round.isGood()).count(),
                "%.1f s".formatted(times.get(times.size() / 2).toMillis() / 1e3));
    }
}
