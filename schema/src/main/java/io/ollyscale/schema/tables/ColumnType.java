package io.ollyscale.schema.tables;

/** The PostgreSQL types that facts are made of, with the names that {@code format_type} prints. */
public enum ColumnType {
    INT2("smallint"),
    INT4("integer"),
    INT8("bigint"),
    FLOAT8("double precision"),
    BOOL("boolean"),
    TEXT("text"),
    BYTEA("bytea"),
    TIMESTAMPTZ("timestamp with time zone"),
    JSONB("jsonb"),
    NUMERIC("numeric"),
    INT4_ARRAY("integer[]"),
    INT8_ARRAY("bigint[]"),
    FLOAT8_ARRAY("double precision[]");

    private final String postgresName;

    ColumnType(String postgresName) {
        this.postgresName = postgresName;
    }

    public String postgresName() {
        return postgresName;
    }
}
