package io.ollyscale.schema.json;

/** Input that is no OTLP/JSON of the expected signal. The message is short and safe to log. */
public final class OtlpJsonException extends Exception {
    private static final long serialVersionUID = 1;

    /** What is wrong, for a caller that treats the kinds differently. */
    public enum Reason {
        /** No JSON: broken syntax, cut off, or not an object. */
        MALFORMED,
        /** Bytes that are no UTF-8, or a lone surrogate written as an escape. */
        INVALID_UTF8,
        /** A second document, or anything else but white space after the first. */
        TRAILING_INPUT,
        /** A name twice in one object, or two members of one oneof. */
        DUPLICATE,
        /** Messages nested deeper than the limit. */
        NESTING,
        /** More messages than the limit, or a name or a number of more characters than any field's has. */
        TOO_MANY,
        /** A trace or span id that isn't hex, or has an odd number of digits. */
        INVALID_ID,
        /** A value of another JSON type than its field's, or that its field can't hold. */
        INVALID_VALUE,
        /** The document of another signal. */
        OTHER_SIGNAL
    }

    private final Reason reason;
    private final String pointer;
    private final long byteOffset;

    OtlpJsonException(Reason reason, String problem, String pointer, long byteOffset, Throwable cause) {
        super(problem + " at " + (pointer.isEmpty() ? "the top level" : pointer) + ", byte " + byteOffset, cause);
        this.reason = reason;
        this.pointer = pointer;
        this.byteOffset = byteOffset;
    }

    public Reason reason() {
        return reason;
    }

    /** The JSON pointer of the offending value, cut to a sane length; empty for the document itself. */
    public String pointer() {
        return pointer;
    }

    /** How many bytes into the input the parser stood, which is at or shortly after the offending value. */
    public long byteOffset() {
        return byteOffset;
    }
}
