package io.ollyscale.schema.tables;

/** A column of a fact table. */
public record Column(String name, ColumnType type) {}
