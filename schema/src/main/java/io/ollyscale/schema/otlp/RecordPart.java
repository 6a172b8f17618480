package io.ollyscale.schema.otlp;

/** Some of a record's units: all of them, or those that PostgreSQL didn't refuse. */
public record RecordPart(EncodedRecord record, UnitRange units) {}
