package io.ollyscale.schema.testing;

import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;

/** OTLP/JSON records on a topic of a signal that belong in quarantine; {@link OddJson} has those that are stored. */
public enum BadJson {
    NO_JSON(RefusalReason.INVALID_JSON, (signal, json) -> "this is no JSON"),
    TRUNCATED(RefusalReason.INVALID_JSON, (signal, json) -> json.substring(0, json.length() - 7)),
    TWO_DOCUMENTS(RefusalReason.INVALID_JSON, (signal, json) -> json + json),
    TWO_LINES(RefusalReason.INVALID_JSON, (signal, json) -> json + "\n" + json),
    NAME_TWICE(
            RefusalReason.INVALID_JSON,
            (signal, json) -> replaced(json, "\"key\":\"test.odd\"", "\"key\":\"test.odd\",\"key\":\"test.odd\"")),
    TWO_VALUES(
            RefusalReason.INVALID_JSON,
            (signal, json) -> replaced(json, "\"intValue\":\"1000\"", "\"intValue\":\"1000\",\"boolValue\":true")),
    NULL_IN_A_LIST(
            RefusalReason.INVALID_JSON, (signal, json) -> replaced(json, "\"attributes\":[", "\"attributes\":[null,")),
    INTEGER_OF_2_TO_THE_63(RefusalReason.INVALID_JSON, (signal, json) -> integer(json, "\"9223372036854775808\"")),
    INTEGER_WITH_A_FRACTION(RefusalReason.INVALID_JSON, (signal, json) -> integer(json, "1.5")),
    INTEGER_OF_A_HUGE_EXPONENT(RefusalReason.INVALID_JSON, (signal, json) -> integer(json, "1e999999999")),
    INTEGER_AS_A_WORD(RefusalReason.INVALID_JSON, (signal, json) -> integer(json, "\"one\"")),
    BASE64_IDS(RefusalReason.INVALID_JSON, (signal, json) -> traceId(json, "W47/95gDgQPSabYzgT/GDA==")),
    ID_OF_AN_ODD_LENGTH(RefusalReason.INVALID_JSON, (signal, json) -> traceId(json, "abc")),
    ID_OF_33_BYTES(RefusalReason.ID_TOO_LONG, (signal, json) -> traceId(json, "ab".repeat(33))),
    VALUE_IN_A_DICTIONARY(
            RefusalReason.DICTIONARY_REFERENCE,
            (signal, json) -> replaced(json, "\"intValue\":\"1000\"", "\"stringValueStrindex\":1")),
    KEY_IN_A_DICTIONARY(
            RefusalReason.DICTIONARY_REFERENCE,
            (signal, json) -> replaced(json, "\"key\":\"test.odd\"", "\"keyStrindex\":1")),
    HALF_A_SURROGATE_PAIR(RefusalReason.INVALID_UTF8, (signal, json) -> replaced(json, "test.odd", "test.\\ud83d")),
    INVALID_UTF8(RefusalReason.INVALID_UTF8, (signal, json) -> replaced(json, "test.odd", "test.\u00ff")),
    ARRAYS_10000_DEEP(
            RefusalReason.NESTED_TOO_DEEPLY,
            (signal, json) -> replaced(
                    json,
                    "\"intValue\":\"1000\"",
                    "\"arrayValue\":{\"values\":[{".repeat(10_000) + "}]}".repeat(10_000))),
    /** The first of the other two. */
    ANOTHER_SIGNAL(
            RefusalReason.WRONG_SIGNAL,
            (signal, json) -> document(NumberedRecords.othersThan(signal).get(0))),
    /** The last of the other two. */
    THIRD_SIGNAL(
            RefusalReason.WRONG_SIGNAL,
            (signal, json) -> document(NumberedRecords.othersThan(signal).get(1))),
    TWO_SIGNALS(
            RefusalReason.WRONG_SIGNAL,
            (signal, json) -> json.substring(0, json.length() - 1) + ","
                    + document(NumberedRecords.othersThan(signal).get(0)).substring(1)),
    /** Its ids are no UTF-8. */
    PROTOBUF(
            RefusalReason.INVALID_UTF8,
            (signal, json) -> new String(
                    NumberedRecords.bytes(signal, RecordEncoding.OTLP_PROTO, 0, 10), StandardCharsets.ISO_8859_1));

    private final RefusalReason reason;
    private final BiFunction<Signal, String, String> change;

    /** @param change of a document that is right, with a character for each byte */
    BadJson(RefusalReason reason, BiFunction<Signal, String, String> change) {
        this.reason = reason;
        this.change = change;
    }

    /** Why it must be refused. */
    public RefusalReason reason() {
        return reason;
    }

    /** @param topic what the topic that it is on is for */
    public byte[] bytes(Signal topic) {
        return change.apply(topic, document(topic)).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String document(Signal signal) {
        return new String(
                OtlpJsonWriter.write(NumberedRecords.bare(signal, 1, List.of(OtlpValues.attribute("test.odd", 1000)))),
                StandardCharsets.ISO_8859_1);
    }

    private static String integer(String json, String value) {
        return replaced(json, "\"intValue\":\"1000\"", "\"intValue\":" + value);
    }

    private static String traceId(String json, String value) {
        String traceId = "\"traceId\":\"";
        int from = json.indexOf(traceId) + traceId.length();
        return replaced(json, json.substring(from, from + 32), value);
    }

    static String replaced(String json, String what, String with) {
        if (!json.contains(what)) {
            throw new IllegalStateException("no " + what + " in " + json);
        }
        return json.replace(what, with);
    }
}
