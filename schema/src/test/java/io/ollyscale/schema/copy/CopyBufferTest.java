package io.ollyscale.schema.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.tables.Column;
import io.ollyscale.schema.tables.ColumnType;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.CopyTuples;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyBufferTest {
    private static final int LARGEST_CHUNK = 256 * 1024;
    private static final RowIds IDS = new RowIds(7, new int[] {3, 4, 8, 9, 10, 11, 20}, 65_000);

    private final List<CopyChunk> chunks = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(Table.class)
    void keepsTheRowsOfEveryTable(Table table) {
        Random random = new Random(table.ordinal());
        List<Map<String, Object>> rows = randomRows(table, 3_000, random);

        assertThat(CopyTuples.read(table, chunks)).isEqualTo(rows);
        assertThat(chunks).hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @EnumSource(Table.class)
    void findsWhereTheRowsFromAnIdOnBegin(Table table) {
        List<Map<String, Object>> rows = randomRows(table, 1_000, new Random(1));
        String placing = table.columns().get(0).name();
        long last = (long) rows.get(rows.size() - 1).get(placing);

        for (int relativeId = 0; IDS.absolute(relativeId) <= last + 2; relativeId += 41) {
            long from = IDS.absolute(relativeId);
            List<Map<String, Object>> found = new ArrayList<>();
            for (CopyChunk chunk : chunks) {
                found.addAll(CopyTuples.read(table, chunk.bytes(), chunk.offsetOf(relativeId), chunk.length()));
            }
            assertThat(found)
                    .isEqualTo(rows.stream()
                            .filter(row -> (long) row.get(placing) >= from)
                            .toList());
        }
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 2_020, 2_048, 70_000, LARGEST_CHUNK - 30, LARGEST_CHUNK, 5_000_000})
    void keepsARowThatIsLargerThanAChunk(int size) {
        Table table = Table.SPAN_ATTRS_BYTES;
        CopyBuffer buffer = new CopyBuffer(table, chunks, new MemoryBudget(1L << 40));
        ByteString large = ByteString.copyFrom(new byte[size]);
        List<Map<String, Object>> expected = new ArrayList<>();
        for (int id = 0; id < 5; id++) {
            ByteString value = id == 2 ? large : ByteString.copyFrom(new byte[] {(byte) id});
            buffer.beginRow();
            buffer.putRowId(id);
            buffer.putInt(id);
            buffer.putBytes(value);
            buffer.endRow();
            expected.add(Map.of("parent_id", (long) id, "key_id", id, "value", value));
        }
        buffer.finish();
        CopyTuples.stampRelative(chunks, 5);

        assertThat(CopyTuples.read(table, chunks)).isEqualTo(expected);
    }

    @Test
    void keepsAColumnThatGrowsOverChunks() {
        CopyBuffer buffer = new CopyBuffer(Table.SPAN_EVENTS, chunks, new MemoryBudget(1L << 40));
        StringBuilder json = new StringBuilder("[");
        beginEvent(buffer, 0);
        buffer.putNull();
        buffer.endRow();
        beginEvent(buffer, 1);
        buffer.beginJsonb();
        buffer.append('[');
        for (int i = 0; i < 100_000; i++) {
            String element = (i == 0 ? "" : ",") + "\"№" + i + "\"";
            buffer.appendText(element);
            json.append(element);
        }
        buffer.append(']');
        buffer.endVariable();
        buffer.endRow();
        buffer.finish();
        CopyTuples.stampRelative(chunks, 2);

        List<Map<String, Object>> rows = CopyTuples.read(Table.SPAN_EVENTS, chunks);
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0)).containsEntry("id", 0L).containsEntry("attributes_other", null);
        assertThat(rows.get(1))
                .containsEntry("id", 1L)
                .containsEntry("parent_id", 0L)
                .containsEntry("attributes_other", json.append(']').toString());
    }

    @Test
    void stampsAgainForARetriedTransaction() {
        CopyBuffer buffer = new CopyBuffer(Table.SPAN_EVENTS, chunks, new MemoryBudget(1L << 40));
        for (int id = 1; id <= 3; id++) {
            beginEvent(buffer, id);
            buffer.putNull();
            buffer.endRow();
        }
        buffer.finish();

        for (int seconds : new int[] {5, 6}) {
            RowIds ids = new RowIds(seconds, new int[] {9}, 100);
            chunks.forEach(chunk -> chunk.stamp(ids));

            assertThat(CopyTuples.read(Table.SPAN_EVENTS, chunks))
                    .extracting(row -> row.get("id"), row -> row.get("parent_id"))
                    .containsExactly(
                            tuple(ids.absolute(1), ids.absolute(0)),
                            tuple(ids.absolute(2), ids.absolute(0)),
                            tuple(ids.absolute(3), ids.absolute(0)));
        }
    }

    @Test
    void aTableWithoutRowsHasNoChunk() {
        new CopyBuffer(Table.SPANS_FACT, chunks, new MemoryBudget(1L << 40)).finish();

        assertThat(chunks).isEmpty();
    }

    @Test
    void chunksOfSmallRowsAreNeverHumongous() {
        randomRows(Table.SPAN_ATTRS_INT, 200_000, new Random(3));

        assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.bytes()).hasSizeLessThanOrEqualTo(LARGEST_CHUNK));
        assertThat(chunks).hasSizeLessThan(40);
    }

    @ParameterizedTest
    @MethodSource
    void textHasASignForWhatPostgresCannotHold(String text, String stored, boolean exact) {
        CopyBuffer buffer = new CopyBuffer(Table.SPAN_ATTRS_STRING, chunks, new MemoryBudget(1L << 40));
        buffer.beginRow();
        buffer.putRowId(0);
        buffer.putInt(1);
        assertThat(buffer.putText(text)).isNotEqualTo(exact);
        buffer.endRow();
        buffer.finish();

        assertThat(CopyTuples.read(Table.SPAN_ATTRS_STRING, chunks).get(0)).containsEntry("value", stored);
    }

    static List<Arguments> textHasASignForWhatPostgresCannotHold() {
        return List.of(
                arguments("plain", "plain", true),
                arguments("№ € 😀", "№ € 😀", true),
                arguments("a\0b\0", "a\u2400b\u2400", false),
                arguments("", "", true));
    }

    @ParameterizedTest(name = "{0} of {1} columns")
    @CsvSource({"2, 3", "4, 3"})
    void aRowOfAnotherNumberOfColumnsIsAnError(int put, int columns) {
        CopyBuffer buffer = new CopyBuffer(Table.SPAN_ATTRS_INT, chunks, new MemoryBudget(1L << 40));
        assertThat(Table.SPAN_ATTRS_INT.columns()).hasSize(columns);
        buffer.beginRow();
        for (int i = 0; i < put; i++) {
            buffer.putNull();
        }

        assertThatIllegalStateException().isThrownBy(buffer::endRow);
    }

    private static void beginEvent(CopyBuffer buffer, int id) {
        buffer.beginRow();
        buffer.putRowId(id);
        buffer.putRowId(0);
        buffer.putTimestamp(0);
        buffer.putNanosFraction(0);
        buffer.putText("event");
        buffer.putInt(0);
    }

    /** Fills the chunks; the rows are what a reader must see of them. */
    private List<Map<String, Object>> randomRows(Table table, int count, Random random) {
        CopyBuffer buffer = new CopyBuffer(table, chunks, new MemoryBudget(1L << 40));
        List<Map<String, Object>> rows = new ArrayList<>();
        int id = 0;
        for (int i = 0; i < count; i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            id += random.nextInt(3) + table.idColumns() - 1;
            buffer.beginRow();
            for (int column = 0; column < table.columns().size(); column++) {
                Column at = table.columns().get(column);
                if (column < table.idColumns()) {
                    int relative = column == 0 ? id : random.nextInt(id + 1);
                    buffer.putRowId(relative);
                    row.put(at.name(), IDS.absolute(relative));
                } else {
                    row.put(at.name(), randomValue(buffer, at.type(), random));
                }
            }
            buffer.endRow();
            rows.add(row);
        }
        buffer.finish();
        chunks.forEach(chunk -> chunk.stamp(IDS));
        return rows;
    }

    private static Object randomValue(CopyBuffer buffer, ColumnType type, Random random) {
        if (random.nextInt(5) == 0) {
            buffer.putNull();
            return null;
        }
        switch (type) {
            case INT2 -> {
                short value = (short) random.nextInt(1000);
                buffer.putShort(value);
                return value;
            }
            case INT4 -> {
                int value = random.nextInt();
                buffer.putInt(value);
                return value;
            }
            case INT8 -> {
                long value = random.nextLong();
                buffer.putLong(value);
                return value;
            }
            case FLOAT8 -> {
                double value = random.nextGaussian();
                buffer.putDouble(value);
                return value;
            }
            case BOOL -> {
                boolean value = random.nextBoolean();
                buffer.putBoolean(value);
                return value;
            }
            case TIMESTAMPTZ -> {
                long nanos = random.nextLong() | 1;
                buffer.putTimestamp(nanos);
                return Long.divideUnsigned(nanos, 1000);
            }
            case BYTEA -> {
                byte[] value = new byte[random.nextInt(40)];
                random.nextBytes(value);
                buffer.putBytes(ByteString.copyFrom(value));
                return ByteString.copyFrom(value);
            }
            case TEXT -> {
                String value = randomText(random);
                buffer.putText(value);
                return value;
            }
            case JSONB -> {
                String value = '"' + randomText(random) + '"';
                buffer.beginJsonb();
                buffer.append('"');
                buffer.appendText(value.substring(1, value.length() - 1));
                buffer.append('"');
                buffer.endVariable();
                return value;
            }
            case NUMERIC -> {
                BigInteger value = new BigInteger(random.nextInt(100), random);
                buffer.putNumeric(value);
                return value;
            }
            case INT4_ARRAY -> {
                List<Integer> values = random.ints(random.nextInt(20)).boxed().toList();
                buffer.beginIntArray(values.size());
                values.forEach(buffer::appendIntElement);
                buffer.endVariable();
                return values;
            }
            case INT8_ARRAY -> {
                List<Long> values = random.longs(random.nextInt(20)).boxed().toList();
                buffer.beginLongArray(values.size());
                values.forEach(value -> buffer.appendElement(value.longValue()));
                buffer.endVariable();
                return values;
            }
            case FLOAT8_ARRAY -> {
                List<Double> values = random.doubles(random.nextInt(20)).boxed().toList();
                buffer.beginDoubleArray(values.size());
                values.forEach(value -> buffer.appendElement(value.doubleValue()));
                buffer.endVariable();
                return values;
            }
        }
        throw new AssertionError(type);
    }

    /** Mostly short, sometimes about as long as what is encoded in place, sometimes longer than a chunk. */
    private static String randomText(Random random) {
        int size = random.nextInt(100) < 97 ? random.nextInt(30) : 1 << random.nextInt(14);
        return String.join("", Collections.nCopies(size, random.nextInt(4) == 0 ? "é😀" : "a"));
    }
}
