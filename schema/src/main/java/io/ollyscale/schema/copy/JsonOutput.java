package io.ollyscale.schema.copy;

/** Where JSON text goes: the open JSONB column of a row, or a text of its own. */
public interface JsonOutput {

    /** One byte of ASCII. */
    void append(int value);

    /** Bytes that are valid UTF-8. */
    void append(byte[] value);

    /** The UTF-8 form of a text without U+0000. */
    void appendText(String value);
}
