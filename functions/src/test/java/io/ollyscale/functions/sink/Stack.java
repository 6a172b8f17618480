package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.testing.RowCounts;
import io.ollyscale.functions.testing.Rows;
import io.ollyscale.functions.testing.StoredUnits;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.testing.NumberedRecords;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.kafka.clients.CommonClientConfigs;

/** The database and the topic of one test, and what a test does to them and asks of them; of one signal. */
final class Stack implements AutoCloseable {

    /** Of the test's topic. */
    static final int PARTITIONS = 4;

    /** Kafka's timestamp of the records that {@link #batch} makes: 2025-10-09T08:53:20Z. */
    static final long RECORD_MILLIS = 1_760_000_000_000L;

    private final PostgresConnection postgres;
    private final String bootstrapServers;
    private final String topic;
    private final AttributePolicy policy;
    private final Signal signal;
    private final RecordEncoding encoding;
    private final Runnable dropDatabase;
    private final ExecutorService background;
    private final List<Writer> writers;

    /** Of traces in protobuf, unless a test asks for {@link #of} something else. */
    Stack(
            PostgresConnection postgres,
            String bootstrapServers,
            String topic,
            AttributePolicy policy,
            Runnable dropDatabase) {
        this(
                postgres,
                bootstrapServers,
                topic,
                policy,
                Signal.TRACES,
                RecordEncoding.OTLP_PROTO,
                dropDatabase,
                Executors.newCachedThreadPool(),
                new ArrayList<>());
    }

    private Stack(
            PostgresConnection postgres,
            String bootstrapServers,
            String topic,
            AttributePolicy policy,
            Signal signal,
            RecordEncoding encoding,
            Runnable dropDatabase,
            ExecutorService background,
            List<Writer> writers) {
        this.postgres = postgres;
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.policy = policy;
        this.signal = signal;
        this.encoding = encoding;
        this.dropDatabase = dropDatabase;
        this.background = background;
        this.writers = writers;
    }

    /** The same database and topic with records of another signal. */
    Stack of(Signal another) {
        return of(another, RecordEncoding.OTLP_PROTO);
    }

    Stack of(Signal anotherSignal, RecordEncoding anotherEncoding) {
        return new Stack(
                postgres,
                bootstrapServers,
                topic,
                policy,
                anotherSignal,
                anotherEncoding,
                dropDatabase,
                background,
                writers);
    }

    Signal signal() {
        return signal;
    }

    RecordEncoding encoding() {
        return encoding;
    }

    /** The table of the signal's units; of metrics that of gauges and sums. */
    String table() {
        return table(signal);
    }

    static String table(Signal signal) {
        return switch (signal) {
            case TRACES -> "otel.spans_fact";
            case LOGS -> "otel.logs_fact";
            case METRICS -> "otel.number_data_points";
        };
    }

    /** A table that is written after {@link #table}. */
    String laterTable() {
        return switch (signal) {
            case TRACES -> "otel.span_events";
            case LOGS -> "otel.log_attrs_int";
            case METRICS -> "otel.exemplars";
        };
    }

    /** Tables that have all of the signal's units. */
    List<String> tables() {
        return signal == Signal.METRICS
                ? List.of(
                        "otel.number_data_points",
                        "otel.histogram_data_points",
                        "otel.exp_histogram_data_points",
                        "otel.summary_data_points")
                : List.of(table());
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

    RecordEncoder encoder() {
        return new RecordEncoder(signal, encoding, policy, DecodingLimits.DEFAULT);
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

    RowBatch batch(long offset, Message record) throws RefusedRecordException {
        return batch(0, offset, record, RECORD_MILLIS);
    }

    RowBatch batch(int partition, long offset, Message record, long millis) throws RefusedRecordException {
        byte[] bytes = NumberedRecords.encoded(record, encoding);
        RawRecord raw = new RawRecord(topic, partition, offset, 0, millis, null, bytes, List.of());
        return new RowBatch(raw, encoder().encode(bytes), null);
    }

    /** A record of as many units, whose numbers follow those of the records of the same size at lower offsets. */
    RowBatch batch(long offset, int units) throws RefusedRecordException {
        return batch(offset, NumberedRecords.numbered(signal, (int) offset * units, units));
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

    /** The numbers of the stored units in their order, each as often as it is stored. */
    List<Long> numbers() throws SQLException {
        return query("SELECT number FROM (" + NumberedRecords.storedNumbers(signal)
                        + ") AS u WHERE number IS NOT NULL ORDER BY number")
                .stream()
                .map(Long::valueOf)
                .toList();
    }

    /** The numbers of the stored units in the order of their ids. */
    List<Long> numbersById() throws SQLException {
        return query("SELECT number FROM (" + StoredUnits.query(signal) + ") AS u ORDER BY id").stream()
                .map(Long::valueOf)
                .toList();
    }

    /** The units from 0 on are stored, each once. */
    void assertStoresFirst(int units) throws SQLException {
        assertThat(numbers()).isEqualTo(LongStream.range(0, units).boxed().toList());
        assertThat(value("SELECT count(*) FROM (" + NumberedRecords.storedNumbers(signal) + ") AS u"))
                .isEqualTo(Integer.toString(units));
    }

    /** Every table has the rows of this record and no others. */
    void assertStoresRowsOf(Message record) throws SQLException {
        try (Connection connection = connect()) {
            assertThat(RowCounts.stored(connection, signal))
                    .isEqualTo(RowCounts.decoded(signal, encoding, List.of(NumberedRecords.encoded(record, encoding))));
        }
    }

    /** The ledger's next_offset; null before the first record. */
    String nextOffset() throws SQLException {
        List<String> rows = query("SELECT next_offset FROM otel.ingest_ledger");
        return rows.isEmpty() ? null : rows.get(0);
    }

    void assertNothingStored() throws SQLException {
        for (Signal any : Signal.values()) {
            assertThat(of(any).value("SELECT count(*) FROM (" + NumberedRecords.storedNumbers(any) + ") AS u"))
                    .isEqualTo("0");
        }
        assertThat(query("SELECT * FROM otel.quarantine")).isEmpty();
        assertThat(nextOffset()).isIn(null, "0");
    }

    @Override
    public void close() {
        writers.forEach(Writer::close);
        background.shutdownNow();
        dropDatabase.run();
    }
}
