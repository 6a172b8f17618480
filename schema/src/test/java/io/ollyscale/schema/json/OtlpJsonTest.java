package io.ollyscale.schema.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJsonException.Reason;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpJsonTest {

    private static final int MAX_NESTING = 50;

    private final OtlpJson json = new OtlpJson(MAX_NESTING);

    @Test
    void readsTraces() throws OtlpJsonException {
        String document = """
                {"resourceSpans": [{
                    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "checkout"}}]},
                    "schemaUrl": "https://example.org/resource",
                    "scopeSpans": [{
                        "scope": {"name": "http", "version": "1.2"},
                        "spans": [{
                            "traceId": "0AF7651916CD43DD8448EB211C80319C", "spanId": "b7ad6b7169203331", "parentSpanId": "",
                            "name": "GET /", "kind": 2, "flags": 257,
                            "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": 1700000000000000002,
                            "attributes": [
                                {"key": "bool", "value": {"boolValue": true}},
                                {"key": "int", "value": {"intValue": "-7"}},
                                {"key": "double", "value": {"doubleValue": 0.25}},
                                {"key": "bytes", "value": {"bytesValue": "AQL/"}},
                                {"key": "list", "value": {"arrayValue": {"values": [{"stringValue": "ä€😀"}, {}]}}},
                                {"key": "map", "value": {"kvlistValue": {"values": [{"key": "k"}]}}}],
                            "events": [{"name": "retry", "timeUnixNano": "5"}],
                            "links": [{"traceId": "00", "spanId": "01", "droppedAttributesCount": 4294967295}],
                            "status": {"code": 2, "message": "boom"}
                        }]
                    }]
                }]}
                """;
        Span span = Span.newBuilder()
                .setTraceId(hex("0af7651916cd43dd8448eb211c80319c"))
                .setSpanId(hex("b7ad6b7169203331"))
                .setName("GET /")
                .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                .setFlags(257)
                .setStartTimeUnixNano(1700000000000000001L)
                .setEndTimeUnixNano(1700000000000000002L)
                .addAttributes(attribute("bool", AnyValue.newBuilder().setBoolValue(true)))
                .addAttributes(attribute("int", AnyValue.newBuilder().setIntValue(-7)))
                .addAttributes(attribute("double", AnyValue.newBuilder().setDoubleValue(0.25)))
                .addAttributes(attribute("bytes", AnyValue.newBuilder().setBytesValue(hex("0102ff"))))
                .addAttributes(attribute("list", list("ä€😀")))
                .addAttributes(attribute("map", AnyValue.newBuilder().setKvlistValue(keys("k"))))
                .addEvents(Span.Event.newBuilder().setName("retry").setTimeUnixNano(5))
                .addLinks(Span.Link.newBuilder()
                        .setTraceId(hex("00"))
                        .setSpanId(hex("01"))
                        .setDroppedAttributesCount(-1))
                .setStatus(Status.newBuilder().setCodeValue(2).setMessage("boom"))
                .build();
        TracesData expected = TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(attribute(
                                        "service.name", AnyValue.newBuilder().setStringValue("checkout"))))
                        .setSchemaUrl("https://example.org/resource")
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .setScope(InstrumentationScope.newBuilder()
                                        .setName("http")
                                        .setVersion("1.2"))
                                .addSpans(span)))
                .build();

        OtlpJson.Document<TracesData> parsed = json.parse(document.getBytes(UTF_8), TracesData.getDefaultInstance());

        assertThat(parsed.message()).isEqualTo(expected);
        assertThat(parsed.unknownKeys()).isZero();
    }

    @Test
    void readsLogs() throws OtlpJsonException {
        LogRecord expected = LogRecord.newBuilder()
                .setTimeUnixNano(-1)
                .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN)
                .setBody(AnyValue.newBuilder().setStringValue("disk is full"))
                .setEventName("disk")
                .build();

        LogsData parsed = parse("""
                {"resourceLogs": [{"scopeLogs": [{"logRecords": [{
                    "timeUnixNano": "18446744073709551615", "severityNumber": 13, "eventName": "disk",
                    "body": {"stringValue": "disk is full"}}]}]}]}
                """, LogsData.getDefaultInstance());

        assertThat(parsed)
                .isEqualTo(LogsData.newBuilder()
                        .addResourceLogs(ResourceLogs.newBuilder()
                                .addScopeLogs(ScopeLogs.newBuilder().addLogRecords(expected)))
                        .build());
    }

    @Test
    void readsMetrics() throws OtlpJsonException {
        HistogramDataPoint point = HistogramDataPoint.newBuilder()
                .setCount(3)
                .setSum(0)
                .addBucketCounts(1)
                .addBucketCounts(2)
                .addExplicitBounds(10.5)
                .addExemplars(Exemplar.newBuilder().setAsInt(-4).setSpanId(hex("ab")))
                .build();

        MetricsData parsed = parse("""
                {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "latency", "histogram": {
                    "aggregationTemporality": 1,
                    "dataPoints": [{"count": "3", "sum": 0, "bucketCounts": ["1", 2], "explicitBounds": [10.5],
                        "exemplars": [{"asInt": "-4", "spanId": "aB"}]}]}}]}]}]}
                """, MetricsData.getDefaultInstance());

        assertThat(parsed)
                .isEqualTo(MetricsData.newBuilder()
                        .addResourceMetrics(ResourceMetrics.newBuilder()
                                .addScopeMetrics(ScopeMetrics.newBuilder()
                                        .addMetrics(Metric.newBuilder()
                                                .setName("latency")
                                                .setHistogram(Histogram.newBuilder()
                                                        .setAggregationTemporality(
                                                                AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                                                        .addDataPoints(point)))))
                        .build());
        HistogramDataPoint read = parsed.getResourceMetrics(0)
                .getScopeMetrics(0)
                .getMetrics(0)
                .getHistogram()
                .getDataPoints(0);
        assertThat(read.hasSum()).as("a sum of 0 that is there").isTrue();
        assertThat(read.hasMin()).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"", "{}", " {} \n", "{\"resourceSpans\": []}", "{\"resourceSpans\": null}", "\uFEFF{}"})
    void readsDocumentsWithoutSpans(String document) throws OtlpJsonException {
        assertThat(parse(document, TracesData.getDefaultInstance())).isEqualTo(TracesData.getDefaultInstance());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    lower and upper case | 0aBC                                                              | 0abc
                    no bytes             | ''                                                                |
                    3 bytes              | 010203                                                            | 010203
                    32 bytes             | 000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f | 000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f
                    """)
    void readsIds(String name, String id, String expected) throws OtlpJsonException {
        assertThat(span("\"traceId\": \"" + id + "\"").getTraceId()).isEqualTo(hex(expected == null ? "" : expected));
    }

    /** The limit is that of the rows' encoder, for which the encoding makes no difference. */
    @Test
    void readsIdsOfAnyLength() throws OtlpJsonException {
        assertThat(span("\"traceId\": \"" + "0A".repeat(1_000_000) + "\"").getTraceId())
                .isEqualTo(hex("0a".repeat(1_000_000)));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"+/8=", "+/8", "-_8=", "-_8"})
    void readsBase64OfEitherAlphabet(String text) throws OtlpJsonException {
        assertThat(value("\"bytesValue\": \"" + text + "\"").getBytesValue()).isEqualTo(hex("fbff"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    7                      | 7
                    "7"                    | 7
                    -0                     | 0
                    1.0                    | 1
                    "5e3"                  | 5000
                    1e3                    | 1000
                    1E+3                   | 1000
                    9223372036854775807    | 9223372036854775807
                    "-9223372036854775808" | -9223372036854775808
                    null                   | 0
                    """)
    void readsIntegers(String text, long expected) throws OtlpJsonException {
        assertThat(value("\"intValue\": " + text).getIntValue()).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    0.1         | 0.1
                    "0.1"       | 0.1
                    3           | 3
                    -0.0        | -0.0
                    -0          | -0.0
                    4.9e-324    | 4.9E-324
                    "NaN"       | NaN
                    "Infinity"  | Infinity
                    "-Infinity" | -Infinity
                    """)
    void readsDoubles(String text, double expected) throws OtlpJsonException {
        assertThat(Double.doubleToRawLongBits(value("\"doubleValue\": " + text).getDoubleValue()))
                .isEqualTo(Double.doubleToRawLongBits(expected));
    }

    @Test
    void keepsUnknownEnumNumbers() throws OtlpJsonException {
        assertThat(span("\"kind\": 99").getKindValue()).isEqualTo(99);
    }

    @Test
    void takesNullForTheDefaultOfAField() throws OtlpJsonException {
        Span span = span("\"name\": null, \"kind\": null, \"status\": null, \"attributes\": null, \"traceId\": null");

        assertThat(span).isEqualTo(Span.getDefaultInstance());
    }

    @Test
    void tellsAnEmptyMessageFromNone() throws OtlpJsonException {
        assertThat(span("\"status\": {}").hasStatus()).isTrue();
        assertThat(span("").hasStatus()).isFalse();
    }

    @Test
    void tellsAnEmptyValueFromNone() throws OtlpJsonException {
        assertThat(span("\"attributes\": [{\"key\": \"k\", \"value\": null}]").getAttributes(0))
                .isEqualTo(KeyValue.newBuilder().setKey("k").build());
        assertThat(value("\"stringValue\": null")).isEqualTo(AnyValue.getDefaultInstance());
        assertThat(value("\"stringValue\": null, \"intValue\": 0").hasIntValue())
                .isTrue();
    }

    @Test
    void readsLongTextsAndAnyCharacter() throws OtlpJsonException {
        String megabytes = "ä€😀\0".repeat(1_000_000);

        assertThat(span("\"name\": \"" + megabytes.replace("\0", "\\u0000") + "\"")
                        .getName())
                .isEqualTo(megabytes);
        assertThat(span("\"name\": \"\\ud83d\\ude00\\u2028\\/\"").getName()).isEqualTo("😀\u2028/");
    }

    @Test
    void countsUnknownKeysAndIgnoresThem() throws OtlpJsonException {
        String document = spanDocument("\"name\": \"n\", \"newField\": [{\"name\": 1}], \"newer_field\": \"zz\"");

        OtlpJson.Document<TracesData> parsed = json.parse(document.getBytes(UTF_8), TracesData.getDefaultInstance());

        assertThat(parsed.unknownKeys()).isEqualTo(2);
        assertThat(parsed.message()).isEqualTo(parse(spanDocument("\"name\": \"n\""), TracesData.getDefaultInstance()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    an odd number of digits | "traceId": "abc"              | INVALID_ID
                    no hex                  | "traceId": "0g"               | INVALID_ID
                    base64                  | "spanId": "EjRWeJCrze8="      | INVALID_ID
                    base64 without padding  | "traceId": "EjRWeJCrze8SNFZ4kKvN7w" | INVALID_ID
                    an id as a number       | "traceId": 12                 | INVALID_VALUE
                    an enum's name          | "kind": "SPAN_KIND_SERVER"    | INVALID_VALUE
                    an enum as a string     | "kind": "2"                   | INVALID_VALUE
                    an enum as a fraction   | "kind": 1.5                   | INVALID_VALUE
                    a string as a number    | "name": 1                     | INVALID_VALUE
                    a list as an object     | "attributes": {}              | INVALID_VALUE
                    an object as a list     | "status": []                  | INVALID_VALUE
                    null in a list          | "attributes": [null]          | INVALID_VALUE
                    uint32 of 2^32          | "flags": 4294967296           | INVALID_VALUE
                    uint32 below 0          | "flags": -1                   | INVALID_VALUE
                    uint64 of 2^64          | "startTimeUnixNano": "18446744073709551616" | INVALID_VALUE
                    a name twice            | "name": "a", "name": "a"      | DUPLICATE
                    a name twice, once null | "name": null, "name": "a"     | DUPLICATE
                    half a surrogate pair   | "name": "\\ud83d"             | INVALID_UTF8
                    halves the wrong way    | "name": "\\ude00\\ud83d"      | INVALID_UTF8
                    half a pair in a key    | "attributes": [{"key": "\\ude00"}] | INVALID_UTF8
                    a control character     | "name": "\u0001"              | MALFORMED
                    a trailing comma        | "name": "a",                  | MALFORMED
                    a comment               | "name": /* */ "a"             | MALFORMED
                    single quotes           | 'name': 'a'                   | MALFORMED
                    """, quoteCharacter = '`')
    void refusesInASpan(String name, String members, Reason reason) {
        assertRefused(spanDocument(members), reason);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    a fraction for an integer    | "intValue": 1.5                     | INVALID_VALUE
                    2^63                         | "intValue": "9223372036854775808"   | INVALID_VALUE
                    a huge exponent              | "intValue": 1e999999999             | INVALID_VALUE
                    an exponent over an int      | "intValue": 1e99999999999           | INVALID_VALUE
                    an empty integer             | "intValue": ""                      | INVALID_VALUE
                    an integer with a blank      | "intValue": " 1"                    | INVALID_VALUE
                    an integer with a plus       | "intValue": "+1"                    | INVALID_VALUE
                    NaN for an integer           | "intValue": "NaN"                   | INVALID_VALUE
                    a boolean for an integer     | "intValue": true                    | INVALID_VALUE
                    a double beyond its range    | "doubleValue": 1e400                | INVALID_VALUE
                    the same as a string         | "doubleValue": "-1e400"             | INVALID_VALUE
                    an integer of 1e400          | "intValue": 1e400                   | INVALID_VALUE
                    -2^63 - 1                    | "intValue": -9223372036854775809    | INVALID_VALUE
                    null in an array             | "arrayValue": {"values": [null]}    | INVALID_VALUE
                    null in a kvlist             | "kvlistValue": {"values": [null]}   | INVALID_VALUE
                    a hexadecimal double         | "doubleValue": "0x1p3"              | INVALID_VALUE
                    a bare NaN                   | "doubleValue": NaN                  | MALFORMED
                    a boolean as a string        | "boolValue": "true"                 | INVALID_VALUE
                    bytes that aren't base64     | "bytesValue": "%"                   | INVALID_VALUE
                    two members of a oneof       | "intValue": 1, "stringValue": "1"   | DUPLICATE
                    """, quoteCharacter = '`')
    void refusesInAValue(String name, String members, Reason reason) {
        assertRefused(valueDocument(members), reason);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    two documents          | {}{}                                    | TRAILING_INPUT
                    two lines              | {}\\n{}                                 | TRAILING_INPUT
                    a word after it        | {} x                                    | TRAILING_INPUT
                    a bracket after it     | {}}                                     | TRAILING_INPUT
                    a list                 | [{}]                                    | MALFORMED
                    a number               | 1                                       | MALFORMED
                    null                   | null                                    | MALFORMED
                    white space alone      | ` `                                     | MALFORMED
                    cut off in an object   | {"resourceSpans": [{                    | MALFORMED
                    cut off in a string    | {"resourceSp                            | MALFORMED
                    logs                   | {"resourceLogs": []}                    | OTHER_SIGNAL
                    metrics, after traces  | {"resourceSpans": [], "resourceMetrics": []} | OTHER_SIGNAL
                    profiles               | {"resourceProfiles": []}                | OTHER_SIGNAL
                    """, quoteCharacter = '`')
    void refusesTheDocument(String name, String document, Reason reason) {
        assertRefused(document.replace("\\n", "\n"), reason);
    }

    @Test
    void refusesInvalidUtf8() {
        ByteArrayOutputStream overlong = new ByteArrayOutputStream();
        overlong.writeBytes(spanDocument("\"name\": \"\u00c0\u0080\"").getBytes(ISO_8859_1));

        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() -> json.parse(overlong.toByteArray(), TracesData.getDefaultInstance()))
                .returns(Reason.INVALID_UTF8, OtlpJsonException::reason);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"})
    void refusesOtherEncodings(String encoding) {
        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() -> json.parse("{}".getBytes(encoding), TracesData.getDefaultInstance()))
                .satisfies(e -> assertThat(e.reason()).isIn(Reason.MALFORMED, Reason.INVALID_UTF8));
    }

    /** One says nothing; whatever stands before or behind it would. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"\uFEFF\uFEFF{}", " \uFEFF{}", "{\uFEFF}"})
    void refusesByteOrderMarksButOne(String document) {
        assertRefused(document, Reason.MALFORMED);
    }

    @Test
    void refusesMoreMessagesThanTheLimit() throws OtlpJsonException {
        OtlpJson limited = new OtlpJson(MAX_NESTING, 10, 10);
        String nine = "{\"resourceSpans\": [{\"scopeSpans\": [" + "{},".repeat(8) + "{}]}]}";

        assertThat(limited.parse(nine.getBytes(UTF_8), TracesData.getDefaultInstance())
                        .message()
                        .getResourceSpans(0)
                        .getScopeSpansCount())
                .isEqualTo(9);
        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() ->
                        limited.parse(nine.replace("{}]", "{},{}]").getBytes(UTF_8), TracesData.getDefaultInstance()))
                .returns(Reason.TOO_MANY, OtlpJsonException::reason)
                .withMessageContaining("more than 10 messages");
    }

    @Test
    void refusesMoreNumbersThanTheLimit() throws OtlpJsonException {
        OtlpJson limited = new OtlpJson(MAX_NESTING, 10, 3);
        String three = "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"histogram\":{\"dataPoints\":"
                + "[{\"bucketCounts\":[0,0],\"explicitBounds\":[1]}]}}]}]}]}";

        limited.parse(three.getBytes(UTF_8), MetricsData.getDefaultInstance());
        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() ->
                        limited.parse(three.replace("[1]", "[1,2]").getBytes(UTF_8), MetricsData.getDefaultInstance()))
                .returns(Reason.TOO_MANY, OtlpJsonException::reason);
    }

    /** It would be an unknown key, and its value missing. */
    @Test
    void refusesProtobufsNames() {
        assertRefused("{\"resource_spans\": []}", Reason.INVALID_VALUE);
    }

    /** The parser would remember them. */
    @Test
    void refusesLongNames() {
        assertRefused("{\"" + "a".repeat(1_001) + "\": 1}", Reason.TOO_MANY);
    }

    @Test
    void readsWhatIsNestedAsDeepAsTheLimitAllows() throws OtlpJsonException {
        // ResourceSpans, ScopeSpans, Span, KeyValue and the outermost AnyValue are 5 levels, an array's two each.
        int arrays = (MAX_NESTING - 5) / 2;

        assertThat(parse(valueDocument(nested(arrays)), TracesData.getDefaultInstance())
                        .getResourceSpansCount())
                .isOne();
        assertRefused(valueDocument(nested(arrays + 1)), Reason.NESTING);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_000_000})
    void refusesNestingBeyondTheLimit(int levels) {
        assertRefused(valueDocument(nested(levels)), Reason.NESTING);
        assertRefused("{\"unknown\": " + "[".repeat(2 * levels) + "]".repeat(2 * levels) + "}", Reason.NESTING);
    }

    @Test
    void saysWhereTheProblemIs() {
        String document = spanDocument("\"name\": 5");

        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() -> parse(document, TracesData.getDefaultInstance()))
                .withMessage(
                        "a string is expected at /resourceSpans/0/scopeSpans/0/spans/0/name, byte %d", offset(document))
                .returns("/resourceSpans/0/scopeSpans/0/spans/0/name", OtlpJsonException::pointer)
                .returns((long) offset(document), OtlpJsonException::byteOffset);
    }

    /** They come from keys, and go to terminals and columns. */
    @Test
    void errorsHoldNoControlCharacters() {
        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() -> parse("{\"a\\u0007\\u001b\u009b\": x}", TracesData.getDefaultInstance()))
                .returns("/a???", OtlpJsonException::pointer);
    }

    private static int offset(String document) {
        return document.indexOf("5}") + 1;
    }

    private void assertRefused(String document, Reason reason) {
        assertThatExceptionOfType(OtlpJsonException.class)
                .isThrownBy(() -> parse(document, TracesData.getDefaultInstance()))
                .returns(reason, OtlpJsonException::reason)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\n"));
    }

    private <M extends Message> M parse(String document, M type) throws OtlpJsonException {
        return json.parse(document.getBytes(UTF_8), type).message();
    }

    private Span span(String members) throws OtlpJsonException {
        return parse(spanDocument(members), TracesData.getDefaultInstance())
                .getResourceSpans(0)
                .getScopeSpans(0)
                .getSpans(0);
    }

    private AnyValue value(String members) throws OtlpJsonException {
        return span(attributeMember(members)).getAttributes(0).getValue();
    }

    private static String spanDocument(String members) {
        return "{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": [{" + members + "}]}]}]}";
    }

    private static String valueDocument(String members) {
        return spanDocument(attributeMember(members));
    }

    private static String attributeMember(String members) {
        return "\"attributes\": [{\"key\": \"k\", \"value\": {" + members + "}}]";
    }

    private static String nested(int arrays) {
        return "\"arrayValue\": {\"values\": [{".repeat(arrays) + "}]}".repeat(arrays);
    }

    private static KeyValue.Builder attribute(String key, AnyValue.Builder value) {
        return KeyValue.newBuilder().setKey(key).setValue(value);
    }

    private static AnyValue.Builder list(String text) {
        return AnyValue.newBuilder()
                .setArrayValue(ArrayValue.newBuilder()
                        .addValues(AnyValue.newBuilder().setStringValue(text))
                        .addValues(AnyValue.getDefaultInstance()));
    }

    private static KeyValueList.Builder keys(String key) {
        return KeyValueList.newBuilder().addValues(KeyValue.newBuilder().setKey(key));
    }

    private static ByteString hex(String digits) {
        return ByteString.copyFrom(HexFormat.of().parseHex(digits));
    }
}
