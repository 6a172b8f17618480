package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttributeKeysITCase {

    private TestDatabase database;

    @BeforeEach
    void migrate() {
        database = TestDatabase.migrated();
    }

    @Test
    void returnsAnIdForEachPairInTheirOrder() throws Exception {
        List<String> rows = register("{z,a,z}", "{string,int,int}", "{t,t,t}");

        assertThat(rows).hasSize(3).doesNotHaveDuplicates();
        assertThat(rows.get(0)).startsWith("z|string|");
        assertThat(rows.get(1)).startsWith("a|int|");
        assertThat(rows.get(2)).startsWith("z|int|");
        assertThat(register("{z,a,z}", "{string,int,int}", "{t,t,t}")).isEqualTo(rows);
    }

    @Test
    void keepsTheIdWhenTheIndexFlagChanges() throws Exception {
        List<String> before = register("{a.b}", "{string}", "{t}");

        assertThat(register("{a.b}", "{string}", "{f}")).isEqualTo(before);

        assertThat(database.value("SELECT is_indexed FROM otel.attribute_keys WHERE key = 'a.b'"))
                .isEqualTo("f");
    }

    @Test
    void usesNoIdForWhatIsThere() throws Exception {
        register("{a.b}", "{string}", "{t}");
        int first = Integer.parseInt(database.value("SELECT otel.key_id('a.b', 'string')"));

        register("{a.b}", "{string}", "{t}");
        register("{a.c}", "{string}", "{t}");

        assertThat(database.value("SELECT otel.key_id('a.c', 'string')")).isEqualTo(String.valueOf(first + 1));
    }

    @Test
    void aPairGivenTwiceIsIndexedOnlyIfBothSaySo() throws Exception {
        List<String> rows = register("{a.b,a.b}", "{string,string}", "{t,f}");

        assertThat(rows.get(0)).isEqualTo(rows.get(1));
        assertThat(database.value("SELECT is_indexed FROM otel.attribute_keys WHERE key = 'a.b'"))
                .isEqualTo("f");
    }

    @Test
    void severalSessionsAgreeOnTheIds() throws Exception {
        List<TestDatabase.Session<String>> sessions = new ArrayList<>();
        for (int session = 0; session < 6; session++) {
            String order = session % 2 == 0 ? "ASC" : "DESC";
            boolean indexed = session < 3;
            sessions.add(connection -> {
                String ids = "";
                for (int round = 0; round < 20; round++) {
                    ids = TestDatabase.query(connection, """
                                    SELECT string_agg(key || key_id, ',' ORDER BY key) FROM otel.register_attribute_keys(
                                        (SELECT array_agg('k' || n ORDER BY n %s) FROM generate_series(1, 200) AS n),
                                        array_fill('int'::text, ARRAY[200]), array_fill(%s, ARRAY[200]))
                                    """.formatted(order, indexed))
                            .get(0);
                }
                return ids;
            });
        }

        assertThat(database.concurrently(sessions).stream().distinct()).hasSize(1);
    }

    @Test
    void indexesTheValuesOfIndexedKeysOnly() throws Exception {
        register("{a.b,a.path}", "{string,string}", "{t,f}");
        database.execute("CALL otel.ensure_partitions('1 second')");

        assertThat(planFor("a.b")).contains("_key_id_value_idx");
        assertThat(planFor("a.path")).doesNotContain("_key_id_value_idx");
    }

    /** The planner takes no list of more than 100 keys as proof. */
    @Test
    void usesTheIndexBesideManyUnindexedKeys() throws Exception {
        register("{a.b}", "{string}", "{t}");
        database.execute(
                "SELECT otel.register_attribute_keys(array_agg('u' || n), array_agg('string'::text), array_agg(false)) "
                        + "FROM generate_series(1, 250) AS n");
        database.execute("CALL otel.ensure_partitions('1 second')");

        assertThat(planFor("a.b")).contains("_key_id_value_idx");
        assertThat(planFor("u1")).doesNotContain("_key_id_value_idx");
        assertThat(planFor("u250")).doesNotContain("_key_id_value_idx");
    }

    private String planFor(String key) throws SQLException {
        try (var connection = database.connect()) {
            // The tables are empty: without this a scan of nothing is as cheap as an index.
            TestDatabase.execute(connection, "SET enable_seqscan = off");
            return String.join(
                    "\n",
                    TestDatabase.query(
                            connection,
                            "EXPLAIN SELECT parent_id FROM otel.span_attrs_string WHERE key_id = otel.key_id('" + key
                                    + "', 'string') AND value = 'x'"));
        }
    }

    private List<String> register(String keys, String types, String indexed) throws SQLException {
        return database.query("SELECT key, value_type, key_id FROM otel.register_attribute_keys('" + keys + "', '"
                + types + "', '" + indexed + "')");
    }
}
