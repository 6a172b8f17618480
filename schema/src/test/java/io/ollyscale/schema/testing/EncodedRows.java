package io.ollyscale.schema.testing;

import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.tables.Table;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The rows of one record, read back; row ids are relative to the record. */
public final class EncodedRows {
    private final Map<Table, List<Map<String, Object>>> rows = new EnumMap<>(Table.class);

    public EncodedRows(EncodedRecord record) {
        CopyTuples.stampRelative(record.chunks(), record.rowIds());
        for (Table table : Table.values()) {
            rows.put(table, CopyTuples.read(table, record.chunks()));
        }
    }

    public List<Map<String, Object>> of(Table table) {
        return rows.get(table);
    }

    /** The only row of a table. */
    public Map<String, Object> only(Table table) {
        List<Map<String, Object>> found = of(table);
        if (found.size() != 1) {
            throw new AssertionError(table + " has " + found.size() + " rows: " + found);
        }
        return found.get(0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedRows that && rows.equals(that.rows);
    }

    @Override
    public int hashCode() {
        return rows.hashCode();
    }

    @Override
    public String toString() {
        return rows.toString();
    }
}
