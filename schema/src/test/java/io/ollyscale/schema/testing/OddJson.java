package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** OTLP/JSON records that aren't written as we write them, and are stored as what they say. */
public enum OddJson {
    IDS_IN_UPPER_CASE(
            attribute("test.odd", "value"),
            json -> Pattern.compile("\"(?:trace|span)Id\":\"([0-9a-f]+)\"")
                    .matcher(json)
                    .replaceAll(
                            id -> id.group().replace(id.group(1), id.group(1).toUpperCase(Locale.ROOT)))),
    INTEGER_AS_A_NUMBER(attribute("test.odd", 1000), json -> value(json, "\"intValue\":1000")),
    INTEGER_WITH_AN_EXPONENT(attribute("test.odd", 1000), json -> value(json, "\"intValue\":1e3")),
    INTEGER_WITH_A_FRACTION_OF_0(attribute("test.odd", 1000), json -> value(json, "\"intValue\":\"1000.0\"")),
    DOUBLE_AS_A_TEXT(attribute("test.odd", 0.1), json -> value(json, "\"doubleValue\":\"0.1\"")),
    DOUBLE_WITHOUT_A_FRACTION(attribute("test.odd", 3.0), json -> value(json, "\"doubleValue\":3")),
    NAN(attribute("test.odd", Double.NaN), json -> value(json, "\"doubleValue\":\"NaN\"")),
    NEGATIVE_ZERO(attribute("test.odd", -0.0), json -> value(json, "\"doubleValue\":-0.0")),
    /** The default of an attribute's value: none. */
    NULL_FOR_A_VALUE(
            OtlpValues.withoutValue("test.odd"),
            json -> BadJson.replaced(json, "\"key\":\"test.odd\"", "\"key\":\"test.odd\",\"value\":null")),
    NULL_FOR_WHAT_IS_IN_A_VALUE(attribute("test.odd", OtlpValues.EMPTY), json -> value(json, "\"stringValue\":null")),
    BASE64_FOR_URLS(
            attribute("test.odd", new byte[] {(byte) 0xfb, (byte) 0xff}),
            json -> value(json, "\"bytesValue\":\"-_8\"")),
    ESCAPED_NUL(attribute("test.odd", "a\0b"), json -> value(json, "\"stringValue\":\"a\\u0000b\"")),
    BYTE_ORDER_MARK(attribute("test.odd", "value"), json -> "\ufeff" + json),
    WHITE_SPACE(attribute("test.odd", "value"), json -> " \n" + json.replace(":[", " :\t[ ") + "\r\n ");

    private static final Pattern VALUE = Pattern.compile("(\"key\":\"test.odd\",\"value\":\\{)[^{}]*}");

    private final KeyValue attribute;
    private final UnaryOperator<String> change;

    OddJson(KeyValue attribute, UnaryOperator<String> change) {
        this.attribute = attribute;
        this.change = change;
    }

    /** What must be stored: a unit of a number. */
    public Message message(Signal signal, int number) {
        return NumberedRecords.bare(signal, number, List.of(attribute));
    }

    /** As it stands in Kafka. */
    public byte[] bytes(Signal signal, int number) {
        String json = new String(OtlpJsonWriter.write(message(signal, number)), StandardCharsets.UTF_8);
        return change.apply(json).getBytes(StandardCharsets.UTF_8);
    }

    private static String value(String json, String members) {
        return VALUE.matcher(json).replaceFirst(found -> Matcher.quoteReplacement(found.group(1) + members + "}"));
    }
}
