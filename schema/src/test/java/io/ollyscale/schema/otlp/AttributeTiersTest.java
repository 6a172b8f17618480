package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.OtlpValues.withoutValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttributeTiersTest {
    private static final double NAN = Double.longBitsToDouble(0x7ff800000000beefL);

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void promotedAttributesAreRowsOfTheTableOfTheirType(String name, KeyValue attribute, Table table, Object value)
            throws Exception {
        EncodedRows rows = new EncodedRows(Encoding.encode(attribute));

        assertThat(rows.only(table))
                .isEqualTo(Map.of("parent_id", 0L, "key_id", Encoding.keyId(attribute.getKey()), "value", value));
        assertThat(rows.only(Table.SPANS_FACT)).containsEntry("attributes_other", null);
    }

    static List<Arguments> promotedAttributesAreRowsOfTheTableOfTheirType() {
        return List.of(
                arguments("string", attribute("http.route", "/"), Table.SPAN_ATTRS_STRING, "/"),
                arguments("empty string", attribute("http.route", ""), Table.SPAN_ATTRS_STRING, ""),
                longest("of ASCII", "a".repeat(1024)),
                longest("of 2 bytes", "é".repeat(512)),
                longest("of 3 bytes", "€".repeat(341) + "a"),
                longest("of 4 bytes", "😀".repeat(256)),
                arguments("int", attribute("test.number", Long.MIN_VALUE), Table.SPAN_ATTRS_INT, Long.MIN_VALUE),
                arguments("double", attribute("test.ratio", 1e7), Table.SPAN_ATTRS_DOUBLE, 1e7),
                arguments("-0.0", attribute("test.ratio", -0.0), Table.SPAN_ATTRS_DOUBLE, -0.0),
                arguments("Infinity", attribute("test.ratio", 1 / 0.0), Table.SPAN_ATTRS_DOUBLE, 1 / 0.0),
                arguments("NaN", attribute("test.ratio", NAN), Table.SPAN_ATTRS_DOUBLE, NAN),
                arguments("bool", attribute("test.sampled", false), Table.SPAN_ATTRS_BOOL, false),
                arguments("bytes", attribute("test.digest", new byte[] {0}), Table.SPAN_ATTRS_BYTES, bytes(1)),
                arguments("no bytes", attribute("test.digest", new byte[0]), Table.SPAN_ATTRS_BYTES, bytes(0)),
                arguments(
                        "longest bytes",
                        attribute("test.digest", new byte[1024]),
                        Table.SPAN_ATTRS_BYTES,
                        bytes(1024)));
    }

    @Test
    void aTypedNanKeepsItsBits() throws Exception {
        EncodedRows rows = new EncodedRows(Encoding.encode(attribute("test.ratio", NAN)));

        assertThat(Double.doubleToRawLongBits(
                        (double) rows.only(Table.SPAN_ATTRS_DOUBLE).get("value")))
                .isEqualTo(0x7ff800000000beefL);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void whatATypedTableCannotHoldGoesToTheCatchAll(String name, KeyValue attribute, String json) throws Exception {
        EncodedRows rows = new EncodedRows(Encoding.encode(attribute));

        assertThat(rows.only(Table.SPANS_FACT))
                .containsEntry("attributes_other", "{\"" + attribute.getKey() + "\":" + json + "}");
        for (Table table : Table.values()) {
            assertThat(rows.of(table)).hasSize(table == Table.SPANS_FACT ? 1 : 0);
        }
    }

    static List<Arguments> whatATypedTableCannotHoldGoesToTheCatchAll() {
        return List.of(
                arguments("not promoted", attribute("other", "x"), "\"x\""),
                tooLong("ASCII", "a".repeat(1025)),
                tooLong("2 bytes", "é".repeat(512) + "a"),
                tooLong("3 bytes", "€".repeat(342)),
                tooLong("4 bytes", "😀".repeat(256) + "a"),
                arguments("NUL", attribute("http.route", "a\0"), "{\"$string\":\"YQA=\"}"),
                arguments(
                        "bytes too long",
                        attribute("test.digest", new byte[1025]),
                        "{\"$bytes\":\"" + "A".repeat(1367) + "=\"}"),
                arguments("int for a string", attribute("http.route", 5), "5"),
                arguments("double for an int", attribute("test.number", 5.0), "5.0"),
                arguments("string for an int", attribute("test.number", "5"), "\"5\""),
                arguments("int for a double", attribute("test.ratio", 5), "5"),
                arguments("string for a bool", attribute("test.sampled", "true"), "\"true\""),
                arguments("bool for a string", attribute("http.route", true), "true"),
                arguments("string for bytes", attribute("test.digest", "AA=="), "\"AA==\""),
                arguments("bytes for a string", attribute("http.route", new byte[] {65}), "{\"$bytes\":\"QQ==\"}"),
                arguments("array", attribute("http.route", List.of("/")), "[\"/\"]"),
                arguments("kvlist", attribute("http.route", Map.of("a", "b")), "{\"a\":\"b\"}"),
                arguments("empty", attribute("http.route", OtlpValues.EMPTY), "{\"$empty\":true}"),
                arguments("no value", withoutValue("http.route"), "null"));
    }

    @Test
    void aKeyThatOccursTwiceIsAListEvenWhenPromoted() throws Exception {
        EncodedRecord record = Encoding.encode(
                attribute("http.route", "a"),
                attribute("between", 1),
                attribute("http.route", "a"),
                withoutValue("http.route"),
                attribute("test.number", 7));
        EncodedRows rows = new EncodedRows(record);

        assertThat(rows.only(Table.SPANS_FACT))
                .containsEntry("attributes_other", "{\"http.route\":{\"$list\":[\"a\",\"a\",null]},\"between\":1}");
        assertThat(rows.of(Table.SPAN_ATTRS_STRING)).isEmpty();
        assertThat(rows.only(Table.SPAN_ATTRS_INT)).containsEntry("value", 7L);
        assertThat(record.attributesDuplicated()).isEqualTo(3);
    }

    @Test
    void keysThatJsonCannotHaveAreKeptAsPairs() throws Exception {
        EncodedRecord record = Encoding.encode(
                attribute("$a", 1),
                attribute("plain", 2),
                attribute("b\0", "c\0"),
                attribute("$a", 3),
                attribute("", 4),
                withoutValue("$"));

        assertThat(other(record))
                .isEqualTo(
                        "{\"plain\":2,\"\":4,"
                                + "\"$keys\":[[\"$a\",1],[{\"$string\":\"YgA=\"},{\"$string\":\"YwA=\"}],[\"$a\",3],[\"$\",null]]}");
    }

    @Test
    void droppedAttributesAreCountedOnly() throws Exception {
        EncodedRecord record = Encoding.encode(attribute("drop.this", "x"), attribute("drop.this", 5));

        assertThat(other(record)).isNull();
        assertThat(record.attributesDropped()).isEqualTo(2);
    }

    @ParameterizedTest(name = "{0} attributes")
    @ValueSource(ints = {1, 2, 24, 25, 1000})
    void keepsAnyNumberOfAttributes(int count) throws Exception {
        KeyValue[] different = IntStream.range(0, count)
                .mapToObj(i -> attribute("key " + i, i))
                .toArray(KeyValue[]::new);
        KeyValue[] twice = different.clone();
        twice[count - 1] = different[0];

        assertThat(CatchAllReader.attributes(other(Encoding.encode(different)))).containsExactly(different);
        assertThat(Encoding.encode(different).attributesDuplicated()).isZero();
        assertThat(CatchAllReader.attributes(other(Encoding.encode(twice)))).containsExactlyInAnyOrder(twice);
        assertThat(Encoding.encode(twice).attributesDuplicated()).isEqualTo(count == 1 ? 0 : 2);
    }

    @Test
    void keysMayBeVeryLong() throws Exception {
        KeyValue attribute = attribute("k€".repeat(300_000), "value");

        assertThat(CatchAllReader.attributes(other(Encoding.encode(attribute)))).containsExactly(attribute);
    }

    /** {@code "} and the controls are one byte in OTLP and up to six in JSON. */
    @Test
    void valuesOfAMegabyteAreKept() throws Exception {
        KeyValue attribute = attribute("http.route", "\u0001\"€".repeat(250_000));

        assertThat(CatchAllReader.attributes(other(Encoding.encode(attribute)))).containsExactly(attribute);
    }

    @Test
    void everyContextHasTypedTables() throws Exception {
        EncodedRecord record = Encoding.encode(TraceRecords.allFields());
        EncodedRows rows = new EncodedRows(record);
        long event = (long) rows.of(Table.SPAN_EVENTS).get(0).get("id");
        long link = (long) rows.of(Table.SPAN_LINKS).get(0).get("id");

        assertThat(rows.only(Table.SPAN_EVENT_ATTRS_BOOL)).isEqualTo(row(event, "event.bool", true));
        assertThat(rows.only(Table.SPAN_EVENT_ATTRS_DOUBLE)).isEqualTo(row(event, "event.double", 2.5));
        assertThat(rows.only(Table.SPAN_LINK_ATTRS_BOOL)).isEqualTo(row(link, "link.bool", true));
        assertThat(rows.only(Table.SPAN_LINK_ATTRS_BYTES))
                .isEqualTo(row(link, "link.bytes", ByteString.copyFrom(new byte[] {0, 1, -1})));
        List<Dimension> dimensions = new ArrayList<>(Encoding.dimensions(DimensionKind.RESOURCE, record));
        dimensions.addAll(Encoding.dimensions(DimensionKind.SCOPE, record));
        assertThat(dimensions).hasSize(2).allSatisfy(dimension -> {
            String prefix = dimension.kind().sqlName();
            assertThat(dimension.attributes().bools()).containsExactly(true);
            assertThat(dimension.attributes().boolKeys()).containsExactly(Encoding.keyId(prefix + ".bool"));
            assertThat(dimension.attributes().doubleBits()).containsExactly(Double.doubleToRawLongBits(2.5));
            assertThat(dimension.attributes().bytes()).containsExactly(new byte[] {0, 1, -1});
            assertThat(CatchAllReader.attributes(dimension.other()))
                    .extracting(KeyValue::getKey)
                    .contains(prefix + ".array", prefix + ".none");
        });
    }

    @Test
    void exactTextsOfAllColumnsAreKept() throws Exception {
        Span.Builder span =
                TraceRecords.bareSpan(1).clearAttributes().setName("n\0").setTraceState("t\0");
        span.getStatusBuilder().setMessage("s\0");
        span.addEventsBuilder().setName("e\0").addAttributes(attribute("key", 1));
        span.addLinksBuilder().setTraceState("l\0");
        span.addLinksBuilder();
        EncodedRows rows = Encoding.rows(TraceRecords.of(span));

        assertThat(rows.only(Table.SPANS_FACT))
                .containsEntry("name", "n␀")
                .containsEntry("trace_state", "t␀")
                .containsEntry("status_message", "s␀")
                .containsEntry(
                        "attributes_other",
                        "{\"$fields\":{\"trace_state\":{\"$string\":\"dAA=\"},\"name\":{\"$string\":\"bgA=\"},"
                                + "\"status_message\":{\"$string\":\"cwA=\"}}}");
        assertThat(rows.only(Table.SPAN_EVENTS))
                .containsEntry("name", "e␀")
                .containsEntry("attributes_other", "{\"key\":1,\"$fields\":{\"name\":{\"$string\":\"ZQA=\"}}}");
        assertThat(rows.of(Table.SPAN_LINKS))
                .extracting(row -> row.get("attributes_other"))
                .containsExactly("{\"$fields\":{\"trace_state\":{\"$string\":\"bAA=\"}}}", null);
    }

    private static Map<String, Object> row(long parent, String key, Object value) {
        return Map.of("parent_id", parent, "key_id", Encoding.keyId(key), "value", value);
    }

    private static String other(EncodedRecord record) {
        return (String) new EncodedRows(record).only(Table.SPANS_FACT).get("attributes_other");
    }

    private static Arguments longest(String name, String text) {
        return arguments("longest string " + name, attribute("http.route", text), Table.SPAN_ATTRS_STRING, text);
    }

    private static Arguments tooLong(String name, String text) {
        return arguments("string too long, of " + name, attribute("http.route", text), '"' + text + '"');
    }

    private static ByteString bytes(int size) {
        return ByteString.copyFrom(new byte[size]);
    }
}
