package io.ollyscale.schema.tables;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableTest {

    @Test
    void copiesTheColumnsInTheirOrder() {
        assertThat(Table.SPAN_ATTRS_INT.copyStatement())
                .isEqualTo("COPY otel.span_attrs_int (parent_id, key_id, value) FROM STDIN (FORMAT binary)");
    }

    /** The stamping of ids and the slicing of chunks rest on it. */
    @ParameterizedTest
    @EnumSource(Table.class)
    void rowsBeginWithTheirIds(Table table) {
        assertThat(table.columns()).extracting(Column::name).doesNotHaveDuplicates();
        assertThat(table.columns().subList(0, table.idColumns()))
                .allSatisfy(column -> assertThat(column.type()).isEqualTo(ColumnType.INT8))
                .extracting(Column::name)
                .allSatisfy(name -> assertThat(name).isIn("id", "parent_id"));
        assertThat(table.columns().subList(table.idColumns(), table.columns().size()))
                .extracting(Column::name)
                .doesNotContain("id", "parent_id");
    }
}
