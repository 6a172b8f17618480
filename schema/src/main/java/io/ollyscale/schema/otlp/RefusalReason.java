package io.ollyscale.schema.otlp;

/** Why a record, or a part of it, is in quarantine; {@code quarantined_records.reason} has the codes. */
public enum RefusalReason {
    INVALID_PROTOBUF("invalid-protobuf"),
    INVALID_JSON("invalid-json"),
    INVALID_UTF8("invalid-utf8"),
    NESTED_TOO_DEEPLY("nested-too-deeply"),
    ID_TOO_LONG("id-too-long"),
    DICTIONARY_REFERENCE("dictionary-reference"),
    WRONG_SIGNAL("wrong-signal"),
    TOO_LARGE("too-large"),
    /** A fault of the decoder's own: the record must not hold up those behind it. */
    DECODER_FAILED("decoder-failed"),
    REFUSED_BY_POSTGRES("refused-by-postgres"),
    /** Not refused: stored, and kept because it has fields that this release doesn't know. */
    NEWER_OTLP("newer-otlp");

    private final String code;

    RefusalReason(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
