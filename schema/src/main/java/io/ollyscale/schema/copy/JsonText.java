package io.ollyscale.schema.copy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** JSON as a text of its own, for what is not written by COPY. Not thread-safe. */
public final class JsonText implements JsonOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void append(int value) {
        bytes.write(value);
    }

    @Override
    public void append(byte[] value) {
        bytes.writeBytes(value);
    }

    @Override
    public void appendText(String value) {
        bytes.writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
