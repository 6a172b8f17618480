package io.ollyscale.benchmarks;

import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.copy.RowIds;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.tables.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What every round stores: the same units (spans, log records or data points) as a topic's records and as encoded rows.
 *
 * @param records number of Kafka records
 * @param otlpBytes of the records
 * @param copyBytes of the rows
 * @param rows by table
 * @param storedAt for each partition of the topic, how many units its records below an offset have
 * @param transactions for each connection
 */
record Workload(
        Signal signal,
        long units,
        int records,
        long otlpBytes,
        long copyBytes,
        Map<Table, Long> rows,
        List<int[]> storedAt,
        List<List<CopyTransaction>> transactions) {

    /** Units of a transaction: the job's default. */
    static final int TRANSACTION_UNITS = 30_000;

    /** Fills the topic, and encodes the same records as the job will. */
    static Workload prepare(
            Stack stack,
            Signal signal,
            Supplier<byte[]> source,
            AttributePolicy policy,
            long units,
            int parallelism,
            int transactionUnits)
            throws SQLException {
        RecordEncoder encoder = new RecordEncoder(signal, RecordEncoding.OTLP_PROTO, policy, DecodingLimits.DEFAULT);
        int partitions = 2 * parallelism;
        stack.createTopic(signal, partitions);
        try (TopicFiller topic = stack.topicFiller(signal);
                Connection connection = stack.connect()) {
            Builder builder = new Builder(signal, connection, partitions, parallelism, transactionUnits);
            while (builder.units < units) {
                byte[] record = source.get();
                topic.send(builder.records % partitions, record);
                builder.add(record.length, encode(encoder, record));
            }
            return builder.build();
        }
    }

    /** How many units are stored when the ledger stands at these offsets. */
    long storedAt(long[] nextOffsets) {
        long stored = 0;
        for (int partition = 0; partition < nextOffsets.length; partition++) {
            stored += storedAt.get(partition)[(int) nextOffsets[partition]];
        }
        return stored;
    }

    int partitions() {
        return storedAt.size();
    }

    private static EncodedRecord encode(RecordEncoder encoder, byte[] record) {
        try {
            return encoder.encode(record);
        } catch (RefusedRecordException e) {
            throw new IllegalStateException("the benchmark's own input is refused", e);
        }
    }

    private static final class Builder {
        private final Signal signal;
        private final Connection connection;
        private final int transactionUnits;
        private final Map<Table, Long> rows = new EnumMap<>(Table.class);
        private final List<int[]> storedAt = new ArrayList<>();
        private final int[] recordsOf;
        private final List<List<CopyTransaction>> transactions = new ArrayList<>();
        private final List<List<EncodedRecord>> open = new ArrayList<>();
        private long units;
        private int records;
        private long otlpBytes;
        private long copyBytes;

        Builder(Signal signal, Connection connection, int partitions, int parallelism, int transactionUnits) {
            this.transactionUnits = transactionUnits;
            this.signal = signal;
            this.connection = connection;
            recordsOf = new int[partitions];
            for (int i = 0; i < partitions; i++) {
                storedAt.add(new int[1024]);
            }
            for (int i = 0; i < parallelism; i++) {
                transactions.add(new ArrayList<>());
                open.add(new ArrayList<>());
            }
        }

        void add(int recordBytes, EncodedRecord record) throws SQLException {
            int partition = records % recordsOf.length;
            int offset = recordsOf[partition]++;
            int[] stored = storedAt.get(partition);
            if (offset + 1 == stored.length) {
                stored = Arrays.copyOf(stored, 2 * stored.length);
                storedAt.set(partition, stored);
            }
            stored[offset + 1] = stored[offset] + record.units();
            int writer = records % transactions.size();
            open.get(writer).add(record);
            if (units(open.get(writer)) >= transactionUnits) {
                close(writer);
            }
            records++;
            units += record.units();
            otlpBytes += recordBytes;
            for (CopyChunk chunk : record.chunks()) {
                copyBytes += chunk.length();
                rows.merge(chunk.table(), (long) chunk.rows(), Long::sum);
            }
        }

        Workload build() throws SQLException {
            for (int writer = 0; writer < open.size(); writer++) {
                if (!open.get(writer).isEmpty()) {
                    close(writer);
                }
            }
            return new Workload(signal, units, records, otlpBytes, copyBytes, rows, storedAt, transactions);
        }

        private void close(int writer) throws SQLException {
            List<EncodedRecord> batch = open.get(writer);
            int numbers = batch.stream().mapToInt(EncodedRecord::rowIds).sum();
            try (PreparedStatement statement = connection.prepareStatement("SELECT otel.id_at(now()) >> 32,"
                    + " ARRAY(SELECT nextval('otel.fact_id_blocks')::integer FROM generate_series(1, ?))")) {
                statement.setInt(1, numbers / RowIds.BLOCK_SIZE + 1);
                try (ResultSet result = statement.executeQuery()) {
                    result.next();
                    long seconds = result.getLong(1);
                    Integer[] blocks = (Integer[]) result.getArray(2).getArray();
                    transactions.get(writer).add(stamped(batch, seconds, blocks));
                }
            }
            batch.clear();
        }

        private static CopyTransaction stamped(List<EncodedRecord> batch, long seconds, Integer[] blocks) {
            int[] numbers = Arrays.stream(blocks).mapToInt(Integer::intValue).toArray();
            List<CopyChunk> chunks = new ArrayList<>();
            int used = 0;
            for (EncodedRecord record : batch) {
                RowIds ids = new RowIds(seconds, numbers, used);
                record.chunks().forEach(chunk -> chunk.stamp(ids));
                chunks.addAll(record.chunks());
                used += record.rowIds();
            }
            return CopyTransaction.of(units(batch), chunks);
        }

        private static int units(List<EncodedRecord> records) {
            return records.stream().mapToInt(EncodedRecord::units).sum();
        }
    }
}
