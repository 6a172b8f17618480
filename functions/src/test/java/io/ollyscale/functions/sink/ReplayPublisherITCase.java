package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.maintenance.Chore;
import io.ollyscale.functions.maintenance.Maintenance;
import io.ollyscale.functions.maintenance.MaintenanceSettings;
import io.ollyscale.functions.quarantine.ReplayPublisher;
import io.ollyscale.functions.quarantine.ReplayTicket;
import io.ollyscale.functions.quarantine.RequestedReplays;
import io.ollyscale.functions.source.RawHeader;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.local.LocalKafka;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rows of quarantine on their way to Kafka. */
@ExtendWith(Servers.class)
class ReplayPublisherITCase {
    private static final Duration LONG = Duration.ofMinutes(5);

    private Stack stack;
    private TopicLog log;

    @BeforeEach
    void open(Stack stack) {
        this.stack = stack;
        log = new TopicLog(stack);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void publishesTheRecordAsItCame() throws Exception {
        long id = quarantine("invalid-protobuf", """
                [{"key": "b", "value": "/wAB"}, {"key": "ollyscale-replay", "value": "MTp4"},
                 {"key": "a\u2400", "value": null, "key_base64": "YQA="}, {"key": "b", "value": ""}]
                """, new byte[] {0, -1});

        assertThat(publish(List.of(id), null)).isEqualTo(new ReplayPublisher.Outcome(1, 2, List.of()));

        RawRecord record = log.read(1).get(0);
        assertThat(record.key()).containsExactly(0, 'k', -1);
        assertThat(record.value()).containsExactly(0, -1);
        assertThat(record.timestamp()).isEqualTo(Stack.RECORD_MILLIS);
        List<RawHeader> headers = record.headers();
        assertThat(headers).extracting(RawHeader::key).containsExactly("b", "a\0", "b", ReplayTicket.HEADER);
        assertThat(headers.get(0).value()).containsExactly(-1, 0, 1);
        assertThat(headers.get(1).value()).isNull();
        assertThat(headers.get(2).value()).isEmpty();
        assertThat(headers.get(3).value())
                .asString()
                .isEqualTo(stack.value("SELECT id || ':' || replay_token FROM otel.quarantined_records"));
        assertThat(stack.value("SELECT replayed_at > now() - interval '1 minute' FROM otel.quarantine"))
                .isEqualTo("t");
    }

    @Test
    void publishesRecordWithoutKeyAndTime() throws Exception {
        long id = quarantine("invalid-protobuf", "[]", new byte[0]);
        stack.execute("UPDATE otel.quarantined_records SET record_key = NULL, record_timestamp = NULL");
        long before = System.currentTimeMillis();

        publish(List.of(id), null);

        RawRecord record = log.read(1).get(0);
        assertThat(record.key()).isNull();
        assertThat(record.value()).isEmpty();
        assertThat(record.timestamp()).isBetween(before, System.currentTimeMillis());
    }

    @Test
    void publishesRecordsOfManyMegabytes() throws Exception {
        byte[] payload = new byte[24 << 20];
        new Random(1).nextBytes(payload);
        long id = quarantine("too-large", "[]", payload);

        assertThat(publish(List.of(id), null).bytes()).isEqualTo(payload.length);

        assertThat(log.read(1).get(0).value()).isEqualTo(payload);
    }

    /** Beyond what the broker takes, but for the compression that such a record came with. */
    @Test
    void publishesRecordThatIsTooLargeBeforeCompression() throws Exception {
        byte[] payload = new byte[LocalKafka.MAX_RECORD_BYTES + (8 << 20)];
        long id = quarantine("too-large", "[]", payload);

        assertThat(publish(List.of(id), null)).isEqualTo(new ReplayPublisher.Outcome(1, payload.length, List.of()));

        assertThat(Arrays.equals(log.read(1).get(0).value(), payload)).isTrue();
    }

    @Test
    void stopsBehindTheFirstRowOnceItIsEnough() throws Exception {
        List<Long> ids = List.of(
                quarantine("invalid-protobuf", "[]", new byte[] {1}),
                quarantine("invalid-protobuf", "[]", new byte[] {2}));

        try (Connection connection = stack.connect();
                ReplayPublisher publisher = new ReplayPublisher(connection, stack.kafka())) {
            assertThat(publisher.publish(ids, null, () -> true))
                    .isEqualTo(new ReplayPublisher.Outcome(1, 1, List.of()));
        }

        assertThat(stack.value("SELECT id FROM otel.quarantine WHERE replayed_at IS NULL"))
                .isEqualTo(ids.get(1).toString());
    }

    @Test
    void leavesOutWhatIsStoredOrGone() throws Exception {
        long stored = quarantine("newer-otlp", "[]", new byte[1]);

        assertThat(publish(List.of(stored, stored + 1), null)).isEqualTo(new ReplayPublisher.Outcome(0, 0, List.of()));

        assertThat(stack.value("SELECT replayed_at FROM otel.quarantine")).isEqualTo("null");
    }

    @Test
    void saysWhatKafkaRefusesAndPublishesTheRest() throws Exception {
        String small = stack.topic() + "_small";
        try (Admin admin = Admin.create(stack.kafka())) {
            admin.createTopics(List.of(new NewTopic(small, 1, (short) 1).configs(Map.of("max.message.bytes", "500"))))
                    .all()
                    .get();
        }
        byte[] large = new byte[2_000];
        new Random(1).nextBytes(large);
        List<Long> ids = List.of(
                quarantine("too-large", "[]", new byte[1]),
                quarantine("too-large", "[]", large),
                quarantine("too-large", "[]", new byte[2]));

        ReplayPublisher.Outcome outcome = publish(ids, small);

        assertThat(outcome.published()).isEqualTo(2);
        assertThat(outcome.refused()).singleElement().satisfies(refused -> {
            assertThat(refused.id()).isEqualTo(ids.get(1));
            assertThat(refused.why()).contains("larger than");
        });
        assertThat(publish(ids.subList(0, 1), stack.topic() + "_missing").refused())
                .containsExactly(
                        new ReplayPublisher.Refused(ids.get(0), "Kafka has no topic " + stack.topic() + "_missing"));
        assertThat(publish(ids.subList(0, 1), "no topic").refused())
                .singleElement()
                .satisfies(refused -> {
                    assertThat(refused.id()).isEqualTo(ids.get(0));
                    assertThat(refused.why()).containsIgnoringCase("topic");
                });
        assertThat(stack.query("SELECT id FROM otel.quarantine WHERE replayed_at IS NULL"))
                .containsExactly(ids.get(1).toString());
    }

    @Test
    void saysThatKafkaIsOutOfReach() throws Exception {
        Properties nowhere = new Properties();
        nowhere.put("bootstrap.servers", "127.0.0.1:1");
        long id = quarantine("too-large", "[]", new byte[1]);

        try (Connection connection = stack.connect();
                ReplayPublisher publisher = new ReplayPublisher(connection, nowhere)) {
            assertThatThrownBy(() -> publisher.publish(List.of(id), null)).isInstanceOf(KafkaException.class);
        }

        assertThat(stack.value("SELECT replayed_at FROM otel.quarantine")).isEqualTo("null");
    }

    @Test
    void publishesWhatIsRequested() throws Exception {
        int rows = 2 * ReplayPublisher.PAGE + 1;
        for (int i = 0; i < rows; i++) {
            quarantine("invalid-protobuf", "[]", new byte[] {(byte) i});
        }
        long unasked = quarantine("invalid-protobuf", "[]", new byte[0]);
        long elsewhere = quarantine("invalid-protobuf", "[]", new byte[0]);
        stack.execute("UPDATE otel.quarantined_records SET cluster_id = 'elsewhere' WHERE id = " + elsewhere);
        quarantine("newer-otlp", "[]", new byte[0]);
        assertThat(stack.value("SELECT otel.request_replay(array_agg(id)) FROM otel.quarantine WHERE id <> " + unasked))
                .isEqualTo(Integer.toString(rows + 1));

        assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG))
                .returns((long) rows, ReplayPublisher.Outcome::published);
        assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG))
                .returns(0L, ReplayPublisher.Outcome::published);

        assertThat(log.read(rows)).hasSize(rows);
        assertThat(
                        stack.query(
                                "SELECT id FROM otel.quarantine WHERE replayed_at IS NULL AND reason <> 'newer-otlp' ORDER BY id"))
                .containsExactly(Long.toString(unasked), Long.toString(elsewhere));
        // Asked for again, it is published again.
        stack.execute("SELECT otel.request_replay(ARRAY(SELECT min(id) FROM otel.quarantine))");
        assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG))
                .returns(1L, ReplayPublisher.Outcome::published);
    }

    @Test
    void publishesOneRowOfWhatIsRequestedHoweverShortTheTime() throws Exception {
        quarantine("invalid-protobuf", "[]", new byte[] {1});
        quarantine("invalid-protobuf", "[]", new byte[] {2});
        stack.execute("SELECT otel.request_replay(array_agg(id)) FROM otel.quarantine");

        for (int row = 0; row < 2; row++) {
            assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), Duration.ZERO))
                    .isEqualTo(new ReplayPublisher.Outcome(1, 1, List.of()));
        }

        assertThat(log.read(2)).extracting(record -> record.value()[0]).containsExactlyInAnyOrder((byte) 1, (byte) 2);
    }

    @Test
    void asksNoMoreForWhatKafkaRefuses() throws Exception {
        long refused = quarantine("invalid-protobuf", "[]", new byte[1]);
        long taken = quarantine("invalid-protobuf", "[]", new byte[1]);
        stack.execute(
                "UPDATE otel.quarantined_records SET topic = topic || '_missing' WHERE id = " + refused,
                "SELECT otel.request_replay(array_agg(id)) FROM otel.quarantine");

        ReplayPublisher.Outcome outcome = RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG);

        assertThat(outcome.published()).isEqualTo(1);
        assertThat(outcome.refused()).extracting(ReplayPublisher.Refused::id).containsExactly(refused);
        assertThat(stack.query("SELECT id, replay_requested_at IS NULL, replayed_at IS NULL FROM otel.quarantine"
                        + " ORDER BY id"))
                .containsExactly(refused + "|t|t", taken + "|f|f");
        assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG))
                .isEqualTo(new ReplayPublisher.Outcome(0, 0, List.of()));
    }

    @Test
    void opensNoProducerForRecordsOfAnotherCluster() throws Exception {
        long id = quarantine("invalid-protobuf", "[]", new byte[1]);
        stack.execute(
                "UPDATE otel.quarantined_records SET cluster_id = 'elsewhere'",
                "SELECT otel.request_replay(ARRAY[" + id + "])");
        Properties withoutProducer = stack.kafka();
        withoutProducer.put(ProducerConfig.PARTITIONER_CLASS_CONFIG, "io.ollyscale.Missing");
        try (Connection connection = stack.connect()) {
            assertThatThrownBy(() -> new ReplayPublisher(connection, withoutProducer))
                    .hasMessageContaining("io.ollyscale.Missing");
        }

        assertThat(RequestedReplays.publish(stack.postgres(), withoutProducer, LONG))
                .isEqualTo(new ReplayPublisher.Outcome(0, 0, List.of()));

        assertThat(stack.value("SELECT replay_requested_at IS NOT NULL FROM otel.quarantine"))
                .isEqualTo("t");
    }

    @Test
    void leavesWhatIsRequestedToTheSessionThatIsAtIt() throws Exception {
        quarantine("invalid-protobuf", "[]", new byte[0]);
        stack.execute("SELECT otel.request_replay(ARRAY(SELECT id FROM otel.quarantine))");

        try (Connection other =
                stack.lock("SELECT pg_advisory_xact_lock('otel.quarantined_records'::regclass::oid::bigint)")) {
            assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG)
                            .published())
                    .isZero();
            other.rollback();
        }

        assertThat(RequestedReplays.publish(stack.postgres(), stack.kafka(), LONG)
                        .published())
                .isEqualTo(1);
    }

    @Test
    void maintenancePublishesWhatIsRequestedAtEachTick() throws Exception {
        MaintenanceSettings settings = new MaintenanceSettings(
                EnumSet.of(Chore.REPLAYS),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofHours(1),
                Duration.ofDays(1),
                Duration.ZERO,
                Duration.ZERO);
        Maintenance maintenance = new Maintenance(stack.postgres(), stack.kafka(), settings);
        OneInputStreamOperatorTestHarness<Long, Void> harness =
                ProcessFunctionTestHarnesses.forProcessFunction(maintenance);
        harness.processElement(0L, 0);
        quarantine("invalid-protobuf", "[]", new byte[] {7});
        stack.execute("SELECT otel.request_replay(ARRAY(SELECT id FROM otel.quarantine))");
        harness.processElement(1L, 1);
        harness.close();

        assertThat(log.read(1).get(0).value()).containsExactly(7);
        assertThat(stack.value("SELECT replayed_at IS NOT NULL FROM otel.quarantine"))
                .isEqualTo("t");
    }

    private ReplayPublisher.Outcome publish(List<Long> ids, String topic) throws Exception {
        try (Connection connection = stack.connect();
                ReplayPublisher publisher = new ReplayPublisher(connection, stack.kafka())) {
            return publisher.publish(ids, topic);
        }
    }

    /** Puts a record of the test's topic into quarantine, and returns its row's number. */
    private long quarantine(String reason, String headers, byte[] payload) throws Exception {
        String cluster;
        try (Admin admin = Admin.create(stack.kafka())) {
            cluster = admin.describeCluster().clusterId().get();
        }
        String sql =
                "INSERT INTO otel.quarantined_records (signal, cluster_id, topic_id, topic, partition_id, record_offset,"
                        + " part, record_timestamp, record_key, headers, payload, reason, detail) VALUES ('traces', ?, 'id', ?, 0, 1, 0,"
                        + " to_timestamp(? / 1000.0), '\\x006bff', ?::jsonb, ?, ?, '') RETURNING id";
        try (Connection connection = stack.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, cluster);
            statement.setString(2, stack.topic());
            statement.setLong(3, Stack.RECORD_MILLIS);
            statement.setString(4, headers);
            statement.setBytes(5, payload);
            statement.setString(6, reason);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
