package io.ollyscale.jobs.cli;

import io.ollyscale.functions.maintenance.Chore;
import io.ollyscale.functions.maintenance.Chores;
import io.ollyscale.functions.maintenance.MaintenanceSettings;
import io.ollyscale.functions.maintenance.Round;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.MaintenanceOptions;
import io.ollyscale.jobs.PostgresUrl;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What maintenance does in the job, without a job. */
@Command(
        name = "maintain",
        description = {
            "Does what maintenance does in the job, with the same options: creates partitions ahead, folds rollups, drops"
                    + " those that are past their retention, looks for dimensions that aren't stored, and publishes quarantined"
                    + " records that are to be replayed.",
            "A job does all of it by itself; this is for a store whose job is stopped. It may run beside one. Rollups go only if"
                    + " their retention is given, here or in config.yaml.",
            "",
            "Goes on until Ctrl-C, with a line for each time that something was done. Only replays need Kafka: without one"
                    + " it does the rest."
        })
final class MaintainCommand implements Callable<Integer> {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final Duration TICK = Duration.ofSeconds(1);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Mixin
    private JobOptions jobOptions;

    @Option(names = "--once", description = "Do everything once and end; exit status 1 where something failed.")
    private boolean once;

    @Override
    public Integer call() throws SQLException, InterruptedException {
        Configuration options = jobOptions.configuration();
        if (once) {
            options.set(IngestOptions.ROLLUP_FOLD_INTERVAL, Duration.ZERO);
        }
        connections.use(options);
        PostgresUrl url = connections.postgres();
        try (Connection connection = connections.connect()) {
            Migrations.verify(connection);
        }
        Optional<Properties> kafka = kafka();
        for (ConfigOption<Duration> retention : MaintenanceOptions.RETENTIONS) {
            // The job may have been told to keep more than the default, and what is dropped is gone.
            if (!options.contains(retention)) {
                options.set(retention, Duration.ZERO);
            }
        }
        MaintenanceSettings settings = MaintenanceOptions.settings(options);
        Chores chores = new Chores(
                new PostgresConnection(url.jdbcUrl(), url.user(), url.password()),
                kafka.orElse(null),
                kafka.isPresent() ? settings : settings.without(Chore.REPLAYS));
        return once ? runOnce(chores) : runUntilStopped(chores);
    }

    /** Empty where none is known. One that is away may come back. */
    private Optional<Properties> kafka() {
        Properties kafka = null;
        try {
            kafka = connections.kafkaProperties();
            KafkaCluster.connect(kafka).close();
        } catch (UserFailure | KafkaException e) {
            say(Failures.line(e) + ". Replays that are requested wait");
        }
        return Optional.ofNullable(kafka);
    }

    /** Folding takes another time where it may only now fold what it has marked, and as many as it takes after a long break. */
    private int runOnce(Chores chores) {
        Round round = chores.doWhatIsDue();
        report(round);
        // In the job a chore that is put off comes again in a minute.
        boolean failed = !round.failures().isEmpty() || !round.putOff().isEmpty();
        boolean isMarked = !failed && !round.rollupLag().orElse(Duration.ZERO).isZero();
        while (!failed && (isMarked || chores.isMoreToFold())) {
            isMarked = false;
            round = chores.doWhatIsDue();
            report(round);
            failed |= !round.failures().isEmpty();
        }
        return failed ? 1 : 0;
    }

    private int runUntilStopped(Chores chores) throws InterruptedException {
        try (StopSignal stop = new StopSignal()) {
            do {
                report(chores.doWhatIsDue());
            } while (!stop.receivedWithin(TICK));
        }
        return 0;
    }

    private void report(Round round) {
        String time = TIME.format(LocalTime.now());
        if (!round.done().isEmpty() || !round.putOff().isEmpty()) {
            spec.commandLine().getOut().println(time + "  " + MaintainText.of(round));
        }
        for (Round.Failure failure : round.failures()) {
            say(time + "  Could not " + failure.what() + ": " + Failures.line(failure.cause()));
        }
    }

    private void say(String line) {
        spec.commandLine().getErr().println(line);
    }
}
