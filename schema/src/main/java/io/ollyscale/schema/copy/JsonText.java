package io.ollyscale.schema.copy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** JSON as a text of its own, for what is not written by COPY. Not thread-safe. */
public final class JsonText implements JsonOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final MemoryBudget budget;

    /** @param budget of the record that the text describes; every append may exhaust it */
    public JsonText(MemoryBudget budget) {
        this.budget = budget;
    }

    @Override
    public void append(int value) {
        budget.take(1);
        bytes.write(value);
    }

    @Override
    public void append(byte[] value) {
        budget.take(value.length);
        bytes.writeBytes(value);
    }

    @Override
    public void appendText(String value) {
        append(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
