package io.ollyscale.schema.copy;

/** Where JSON text goes: the open JSONB column of a row, or a text of its own. */
public interface JsonOutput {

    /** Takes everything and keeps nothing, for values that are only checked. */
    JsonOutput NOWHERE = new JsonOutput() {
        @Override
        public void append(int value) {}

        @Override
        public void append(byte[] value) {}

        @Override
        public void appendText(String value) {}
    };

    /** One byte of ASCII. */
    void append(int value);

    /** Bytes that are valid UTF-8. */
    void append(byte[] value);

    /** The UTF-8 form of a text without U+0000. */
    void appendText(String value);
}
