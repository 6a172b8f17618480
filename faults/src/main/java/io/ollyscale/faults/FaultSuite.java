package io.ollyscale.faults;

import io.ollyscale.faults.kinds.Fault;
import io.ollyscale.faults.kinds.Fault.Target;
import io.ollyscale.faults.kinds.Faults;
import io.ollyscale.faults.postgres.PostgresServer;
import io.ollyscale.faults.rounds.BackPressure;
import io.ollyscale.faults.rounds.Report;
import io.ollyscale.faults.rounds.Round;
import io.ollyscale.faults.rounds.Rounds;
import io.ollyscale.faults.rounds.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code faults/run}. */
@Command(
        name = "faults/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Breaks the job's servers while load flows, and compares what is stored with what was sent, item by item.",
        footer = {
            "",
            "Exit status: 0 if nothing was lost, duplicated or altered, 1 otherwise, 2 for wrong arguments.",
            "Each kind of fault once:         faults/run",
            "Random rounds, several at once:  faults/run --rounds 200"
        })
public final class FaultSuite implements Callable<Integer> {
    private static final int MOST_TOGETHER = 3;

    /** Of random rounds, one is of a fault that needs the servers for itself. */
    private static final int ROUNDS_FOR_ONE_ALONE = 5;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Random rounds of up to three faults together; without it each kind strikes once.")
    private Integer rounds;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Only kinds whose name contains this; may be repeated.")
    private List<String> only = List.of();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Chooses the same faults again; moments differ. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "Where the servers' files and logs are kept; by default a temporary one, deleted when all is well.")
    private Path directory;

    @Option(
            names = "--back-pressure",
            paramLabel = "SECONDS",
            description =
                    "Instead of faults, load flows at 18,000 units a second while PostgreSQL is silent, facts are locked, and PostgreSQL"
                            + " is a tenth as fast, for so long each; says what that takes of memory, and how long the lag lasts.")
    private Integer backPressure;

    @Option(
            names = "--without-bounds",
            description =
                    "With --back-pressure: the job runs without bounds on a transaction, to show that they are needed.")
    private boolean withoutBounds;

    @Option(names = "--list", description = "Lists the kinds.")
    private boolean list;

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(new CommandLine(new FaultSuite()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<Fault> kinds = Faults.ALL.stream()
                .filter(fault -> only.isEmpty() || only.stream().anyMatch(fault.name()::contains))
                .toList();
        if (list) {
            kinds.forEach(fault -> spec.commandLine().getOut().println(fault.name()));
            return 0;
        }
        if (kinds.isEmpty() || rounds != null && rounds < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "nothing to do");
        }
        if (directory != null
                && directory.toFile().list() != null
                && directory.toFile().list().length > 0) {
            throw new CommandLine.ParameterException(spec.commandLine(), directory + " isn't empty");
        }
        Path files = directory == null ? Files.createTempDirectory("ollyscale-faults-") : directory;
        Files.createDirectories(files);
        // A build meanwhile must not change what is submitted.
        Path jobJar = Files.copy(Installation.jobJar(), files.resolve("job.jar"));
        Report report = new Report();
        // Minutes of everything that comes in don't fit a small disk.
        PostgresServer.Disks disks =
                backPressure == null ? PostgresServer.Disks.SMALL : PostgresServer.Disks.AS_THEY_ARE;
        try (Servers servers = Servers.start(files, Installation.flinkConf(), disks);
                Rounds all = new Rounds(servers, jobJar, files, "faults")) {
            if (backPressure != null) {
                return ended(files, holdUp(servers, jobJar, files));
            }
            // Hours of rounds aren't for nothing because somebody ends them.
            Thread unfinished = new Thread(() -> say("\nNot finished, so far:\n" + report), "report");
            Runtime.getRuntime().addShutdownHook(unfinished);
            List<Fault> possible = possible(kinds, servers);
            Random choice = new Random(seed);
            int count = rounds == null ? possible.size() : rounds;
            for (int i = 0; i < count; i++) {
                Round round = all.run(
                        rounds == null ? List.of(possible.get(i)) : choose(possible, choice),
                        new Random(choice.nextLong()));
                report.add(round);
                say("%d/%d %s".formatted(i + 1, count, round));
                round.failure()
                        .ifPresent(failure ->
                                failure.printStackTrace(spec.commandLine().getErr()));
            }
            Runtime.getRuntime().removeShutdownHook(unfinished);
            say("\n" + report);
        }
        return ended(files, report.isGood());
    }

    private int ended(Path files, boolean isGood) throws IOException {
        if (!isGood) {
            say("Files and logs are in " + files);
            return 1;
        }
        if (directory == null) {
            Installation.delete(files);
        }
        return 0;
    }

    private boolean holdUp(Servers servers, Path jobJar, Path files) throws Exception {
        boolean isGood = true;
        for (BackPressure.Hold hold : BackPressure.Hold.values()) {
            BackPressure.Result result = new BackPressure(servers, jobJar, files, this::say)
                    .run(
                            hold,
                            Duration.ofSeconds(backPressure),
                            withoutBounds ? BackPressure.unbounded() : BackPressure.bounded(),
                            hold.name().toLowerCase(Locale.ROOT));
            say(result.toString());
            isGood &= result.isGood();
        }
        return isGood;
    }

    private List<Fault> possible(List<Fault> kinds, Servers servers) {
        List<Fault> possible = new ArrayList<>();
        for (Fault fault : kinds) {
            Optional<String> impossible = fault.impossible().apply(servers);
            impossible.ifPresent(reason -> say("Not possible here: " + fault + " (" + reason + ")"));
            if (impossible.isEmpty()) {
                possible.add(fault);
            }
        }
        return possible;
    }

    /** One that needs the servers for itself, or up to three that happen to different things. */
    private static List<Fault> choose(List<Fault> kinds, Random random) {
        List<Fault> shuffled = new ArrayList<>(kinds);
        Collections.shuffle(shuffled, random);
        boolean isAlone = random.nextInt(ROUNDS_FOR_ONE_ALONE) == 0;
        int together = 1 + random.nextInt(MOST_TOGETHER);
        List<Fault> chosen = new ArrayList<>();
        Set<Target> targets = EnumSet.noneOf(Target.class);
        for (Fault fault : shuffled) {
            if (isAlone && fault.target() == Target.ALL) {
                return List.of(fault);
            }
            if (fault.target() != Target.ALL && chosen.size() < together && targets.add(fault.target())) {
                chosen.add(fault);
            }
        }
        return chosen.isEmpty() ? List.of(shuffled.get(0)) : chosen;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
