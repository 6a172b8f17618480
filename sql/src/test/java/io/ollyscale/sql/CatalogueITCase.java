package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.schema.tables.Column;
import io.ollyscale.schema.tables.Table;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the writer copies is what the tables take. */
class CatalogueITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() {
        database = TestDatabase.migrated();
    }

    @Test
    void theWriterKnowsEveryFactTable() throws Exception {
        assertThat(
                        database.query(
                                "SELECT c.relname FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid "
                                        + "WHERE c.relnamespace = 'otel'::regnamespace AND pg_get_partkeydef(c.oid) IN ('RANGE (id)', 'RANGE (parent_id)')"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Table.values()).map(Table::tableName).toList());
    }

    @ParameterizedTest
    @EnumSource(Table.class)
    void theWriterKnowsEveryColumnAndItsType(Table table) throws Exception {
        List<String> columns = table.columns().stream()
                .map(column -> column.name() + "|" + column.type().postgresName())
                .toList();

        assertThat(database.query("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                        + "WHERE attrelid = 'otel." + table.tableName()
                        + "'::regclass AND attnum > 0 AND NOT attisdropped AND NOT atthasdef"))
                .containsExactlyInAnyOrderElementsOf(columns);
    }

    /** Children are pruned by their owner's id, so the first id that is copied must be the one that they are partitioned by. */
    @ParameterizedTest
    @EnumSource(Table.class)
    void rowsArePlacedByTheirFirstColumn(Table table) throws Exception {
        Column first = table.columns().get(0);

        assertThat(database.value("SELECT pg_get_partkeydef('otel." + table.tableName() + "'::regclass)"))
                .isEqualTo("RANGE (" + first.name() + ")");
    }
}
