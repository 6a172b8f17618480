package io.ollyscale.jobs;

import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.functions.ledger.Generations;
import io.ollyscale.functions.maintenance.PartitionMaintenance;
import io.ollyscale.functions.maintenance.RollupMaintenance;
import io.ollyscale.functions.policy.PolicyRegistry;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.postgres.SqlErrorKind;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.sql.Migrations;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.CommonClientConfigs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a submission does before its graph is built: it checks both ends, registers the policy, takes its generation and
 * makes sure that partitions exist, so that the job never waits for any of it.
 *
 * @param policy with the ids of its keys
 * @param generation of this submission
 */
record IngestSetup(PostgresConnection postgres, Properties kafka, AttributePolicy policy, long generation) {
    private static final Logger LOG = LoggerFactory.getLogger(IngestSetup.class);

    static IngestSetup prepare(Configuration options, String jobName) throws SQLException, PolicyException {
        check(options);
        AttributePolicy policy = PolicyFiles.read(Path.of(options.get(IngestOptions.POLICY_DIRECTORY)));
        PostgresConnection postgres = postgres(options);
        Properties kafka = kafka(options);
        checkTopics(kafka, options);
        try (Connection connection = postgres.open("set-up")) {
            Migrations.verify(connection);
            AttributePolicy registered = PolicyRegistry.register(connection, policy);
            long generation = Generations.take(connection, jobName, host(), version());
            Duration ahead = options.get(IngestOptions.PARTITIONS_AHEAD);
            PartitionMaintenance.ensure(connection, ahead, options.get(IngestOptions.PARTITIONS_WIDTH));
            RollupMaintenance.adopt(connection);
            ensureRollupPartitions(connection, ahead);
            return new IngestSetup(postgres, kafka, registered, generation);
        }
    }

    /** A job can begin without them: rows have a place all the same, and maintenance tries again. */
    private static void ensureRollupPartitions(Connection connection, Duration ahead) throws SQLException {
        try {
            RollupMaintenance.ensurePartitions(connection, ahead);
        } catch (SQLException e) {
            if (!SqlErrorKind.isLockTaken(e)) {
                throw e;
            }
            LOG.warn("Partitions of rollups are left to maintenance: {}", e.getMessage());
        }
    }

    private static void check(Configuration options) {
        // Dimensions on their way would be in the checkpoint and not in the database, but safe_offset behind them: a
        // start
        // without state would never write them.
        if (options.get(CheckpointingOptions.ENABLE_UNALIGNED)) {
            throw new UserFailure("This job needs aligned checkpoints: take "
                    + CheckpointingOptions.ENABLE_UNALIGNED.key() + " out of the configuration");
        }
        if (options.get(IngestOptions.DIMENSION_REWRITE_INTERVAL).toMillis() <= 0) {
            throw new UserFailure(IngestOptions.DIMENSION_REWRITE_INTERVAL.key() + " must be more than 0");
        }
        if (options.get(IngestOptions.POLICY_WATCH_INTERVAL).toMillis() <= 0) {
            throw new UserFailure(IngestOptions.POLICY_WATCH_INTERVAL.key() + " must be more than 0");
        }
        MaintenanceOptions.check(options);
        if (SignalOptions.enabled(options).isEmpty()) {
            throw new UserFailure("No signal is enabled: there is nothing to store");
        }
        List<String> topics = SignalOptions.topics(options);
        if (topics.stream().distinct().count() < topics.size()) {
            throw new UserFailure("Each signal needs a topic of its own, not " + String.join(", ", topics));
        }
        if (options.get(IngestOptions.MAX_OPERATIONS) < 0) {
            throw new UserFailure(IngestOptions.MAX_OPERATIONS.key() + " must be 0 or more");
        }
    }

    private static PostgresConnection postgres(Configuration options) {
        PostgresUrl url = PostgresUrl.parse(required(options, IngestOptions.POSTGRES_URL));
        return new PostgresConnection(
                url.jdbcUrl(),
                url.user(),
                options.getOptional(IngestOptions.POSTGRES_PASSWORD).orElse(url.password()));
    }

    private static Properties kafka(Configuration options) {
        Properties properties = new Properties();
        properties.putAll(options.get(IngestOptions.KAFKA_PROPERTIES));
        properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, required(options, IngestOptions.KAFKA));
        return properties;
    }

    private static void checkTopics(Properties kafka, Configuration options) {
        Map<String, String> ids;
        try (KafkaTopics known = new KafkaTopics(kafka)) {
            ids = KafkaTopics.await(known.topicIds(SignalOptions.topics(options)));
        }
        for (Signal signal : SignalOptions.enabled(options)) {
            SignalOptions own = SignalOptions.of(signal);
            String topic = options.get(own.topic());
            if (!ids.containsKey(topic)) {
                throw new UserFailure("Kafka has no topic " + topic + " for " + signal
                        + ": create it (kafka-topics.sh --create --topic " + topic
                        + " --partitions N), name another with"
                        + " -D " + own.topic().key() + "=…, or leave " + signal + " out with -D "
                        + own.enabled().key() + "=false");
            }
        }
    }

    private static String required(Configuration options, ConfigOption<String> option) {
        return options.getOptional(option)
                .orElseThrow(() -> new UserFailure("the option " + option.key() + " is missing: "
                        + "set it with -D, in config.yaml, or as the environment variable "
                        + OptionSources.environmentName(option)));
    }

    private static String version() {
        String version = IngestSetup.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown host";
        }
    }
}
