package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.testing.Rows;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.TracesEncoder;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.testing.TraceCounts;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.kafka.clients.CommonClientConfigs;

/** The database and the topic of one test, and what a test does to them and asks of them. */
final class Stack implements AutoCloseable {

    /** Of the test's topic. */
    static final int PARTITIONS = 4;

    /** Kafka's timestamp of the records that {@link #batch} makes: 2025-10-09T08:53:20Z. */
    static final long RECORD_MILLIS = 1_760_000_000_000L;

    private final PostgresConnection postgres;
    private final String bootstrapServers;
    private final String topic;
    private final AttributePolicy policy;
    private final Runnable dropDatabase;
    private final ExecutorService background = Executors.newCachedThreadPool();
    private final List<Writer> writers = new ArrayList<>();

    Stack(
            PostgresConnection postgres,
            String bootstrapServers,
            String topic,
            AttributePolicy policy,
            Runnable dropDatabase) {
        this.postgres = postgres;
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.policy = policy;
        this.dropDatabase = dropDatabase;
    }

    PostgresConnection postgres() {
        return postgres;
    }

    String topic() {
        return topic;
    }

    Properties kafka() {
        Properties kafka = new Properties();
        kafka.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return kafka;
    }

    TracesEncoder encoder() {
        return new TracesEncoder(policy, DecodingLimits.DEFAULT);
    }

    /** A writer with the sink's defaults, unless the test says otherwise. */
    Writer.Builder writer() {
        return new Writer.Builder(this);
    }

    Writer closeAfterTest(Writer writer) {
        writers.add(writer);
        return writer;
    }

    // Records

    RowBatch batch(long offset, TracesData record) throws RefusedRecordException {
        return batch(0, offset, record, RECORD_MILLIS);
    }

    RowBatch batch(int partition, long offset, TracesData record, long millis) throws RefusedRecordException {
        byte[] bytes = record.toByteArray();
        RawRecord raw = new RawRecord(topic, partition, offset, 0, millis, null, bytes, List.of());
        return new RowBatch(raw, encoder().encode(bytes), null);
    }

    /** A record of as many spans, whose numbers follow those of the records of the same size at lower offsets. */
    RowBatch batch(long offset, int spans) throws RefusedRecordException {
        return batch(offset, TraceRecords.numbered((int) offset * spans, spans));
    }

    // Other sessions

    Connection connect() throws SQLException {
        return postgres.open("test");
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Empties what a record is stored in, but not the ledger. */
    void deleteFacts() throws SQLException {
        execute("DO $$ BEGIN EXECUTE (SELECT string_agg(format('DELETE FROM %s', oid::regclass), '; ') FROM pg_class"
                + " WHERE relnamespace = 'otel'::regnamespace AND relkind = 'p'); END $$");
        execute("DELETE FROM otel.quarantined_records");
    }

    /** A session that has run these statements in a transaction and holds their locks until it is closed. */
    Connection lock(String... statements) throws SQLException {
        Connection session = connect();
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        return session;
    }

    /** Runs something beside the test's thread. */
    <T> Future<T> inBackground(Callable<T> work) {
        return background.submit(work);
    }

    /** Waits until a writer's session waits for a lock, and returns its process id. */
    String awaitBlocked() {
        return awaitBlocked(1).get(0);
    }

    /** Waits until as many writers' sessions wait for a lock, and returns their process ids. */
    List<String> awaitBlocked(int sessions) {
        return await().until(
                        () -> query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND application_name = 'ollyscale sink' AND wait_event_type = 'Lock'"),
                        pids -> pids.size() == sessions);
    }

    /** Makes every COMMIT that moves the ledger wait until this session is closed. */
    Connection closeGateOfCommit() throws SQLException {
        execute(
                "CREATE TABLE public.gate ()",
                "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql"
                        + " AS 'BEGIN LOCK TABLE public.gate; RETURN NULL; END'",
                "CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON otel.ingest_ledger INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION public.wait()");
        return lock("LOCK TABLE public.gate");
    }

    // What is stored

    /** The rows, with their columns joined by a bar. */
    List<String> query(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return Rows.of(connection, sql);
        }
    }

    /** The only row. */
    String value(String sql) throws SQLException {
        List<String> rows = query(sql);
        assertThat(rows).as(sql).hasSize(1);
        return rows.get(0);
    }

    byte[] bytes(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).as(sql).isTrue();
            return result.getBytes(1);
        }
    }

    /** The numbers of the stored spans in their order, each as often as it is stored. */
    List<Long> numbers() throws SQLException {
        return query("SELECT value FROM otel.span_attrs_int WHERE key_id = otel.key_id('" + TraceRecords.NUMBER
                        + "', 'int') ORDER BY value")
                .stream()
                .map(Long::valueOf)
                .toList();
    }

    /** The spans from 0 on are stored, each once. */
    void assertStoresFirst(int spans) throws SQLException {
        assertThat(numbers()).isEqualTo(LongStream.range(0, spans).boxed().toList());
        assertThat(value("SELECT count(*) FROM otel.spans_fact")).isEqualTo(Integer.toString(spans));
    }

    /** What the tables hold, to be compared with what they should. */
    TraceCounts counts() throws SQLException {
        Map<AttributeContext, Map<String, Long>> attributes = new EnumMap<>(AttributeContext.class);
        count(AttributeContext.SPAN, "span", attributes);
        count(AttributeContext.EVENT, "span_event", attributes);
        count(AttributeContext.LINK, "span_link", attributes);
        return new TraceCounts(
                Long.parseLong(value("SELECT count(*) FROM otel.spans_fact")),
                Long.parseLong(value("SELECT count(*) FROM otel.span_events")),
                Long.parseLong(value("SELECT count(*) FROM otel.span_links")),
                attributes);
    }

    /** The ledger's next_offset; null before the first record. */
    String nextOffset() throws SQLException {
        List<String> rows = query("SELECT next_offset FROM otel.ingest_ledger");
        return rows.isEmpty() ? null : rows.get(0);
    }

    void assertNothingStored() throws SQLException {
        assertThat(counts()).isEqualTo(TraceCounts.NONE);
        assertThat(query("SELECT * FROM otel.quarantine")).isEmpty();
        assertThat(nextOffset()).isIn(null, "0");
    }

    @Override
    public void close() {
        writers.forEach(Writer::close);
        background.shutdownNow();
        dropDatabase.run();
    }

    private void count(AttributeContext context, String prefix, Map<AttributeContext, Map<String, Long>> attributes)
            throws SQLException {
        Map<String, Long> byType = new TreeMap<>();
        for (String row : query("SELECT type, count(*) FROM otel." + prefix + "_attrs_unified GROUP BY type")) {
            String[] columns = row.split("\\|");
            byType.put(columns[0], Long.valueOf(columns[1]));
        }
        if (!byType.isEmpty()) {
            attributes.put(context, byType);
        }
    }
}
