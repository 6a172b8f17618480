package io.ollyscale.jobs.export;

/**
 * SQL expressions of how much rows take, found without reading values that are stored apart from their row. JSON and arrays
 * that PostgreSQL has compressed are the exception, because they may be a hundred times as large as they look.
 */
final class StoredSize {

    /** Of a row besides what is counted, with some typed attributes. */
    private static final int ROW_BYTES = 200;

    private StoredSize() {}

    /** @param columns expressions of this class */
    static String row(String... columns) {
        StringBuilder sum = new StringBuilder().append(ROW_BYTES);
        for (String column : columns) {
            sum.append(" + ").append(column);
        }
        return sum.toString();
    }

    /** A text or bytes. */
    static String text(String column) {
        return "coalesce(octet_length(" + column + "), 0)";
    }

    static String json(String column) {
        return unlessCompressed(column, "octet_length(" + column + "::text)");
    }

    /** An array of 8-byte values, each sent with its length. */
    static String array(String column) {
        return unlessCompressed(column, "12 * cardinality(" + column + ")");
    }

    private static String unlessCompressed(String column, String exactSize) {
        return "coalesce(CASE WHEN pg_column_compression(" + column + ") IS NULL THEN pg_column_size(" + column
                + ") ELSE " + exactSize + " END, 0)";
    }
}
