package io.ollyscale.schema.otlp;

/** A text with U+0000 that its column can't hold; the catch-all keeps it under {@code $fields}. */
record ExactField(String column, String value) {}
