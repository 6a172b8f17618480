package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Erasing stored attributes. */
class DropAttributeITCase {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute("CALL otel.ensure_partitions('1 hour')");
    }

    @BeforeEach
    void empty() throws Exception {
        database.execute(Arrays.stream(AttributeOwners.values())
                .map(AttributeOwners::delete)
                .toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void erasesAKeyFromEveryTableAndCountsItsValues(AttributeOwners owners) throws Exception {
        database.execute(
                owners.insert("""
                        VALUES (1::bigint, '{"k": "x"}'::jsonb), (2, '{"k": 5, "l": 1.50}'), (3, '{"k": 5.0}'), (4, '{"k": true}'), (5, '{"k": {"$bytes": "AP8="}}'),
                            (6, '{"k": {"$list": [1, "two", null]}, "l": 2}'), (7, '{"k": {"$string": "YQBi"}}'), (8, '{"k": null}'), (9, NULL),
                            (10, '{"l": {"k": 1}, "$keys": [["$k", 1]]}'), (11, '{"k": 5, "$fields": {"k": "YQA="}}'), (12, '{"k": 5}')
                        """),
                "CALL otel.promote_attribute('" + owners.context() + "', 'k', 'string')",
                "CALL otel.promote_attribute('" + owners.context() + "', 'k', 'double')",
                "CALL otel.promote_attribute('" + owners.context() + "', 'k', 'bool')",
                "CALL otel.promote_attribute('" + owners.context() + "', 'k', 'bytes')",
                "CALL otel.promote_attribute('" + owners.context() + "', 'l', 'int')");

        assertThat(database.value("CALL otel.drop_attribute('" + owners.context() + "', 'k', 3, 0)"))
                .isEqualTo("12");

        assertThat(database.query(
                        "SELECT key, type, count(*) FROM (" + owners.unified() + ") AS a GROUP BY 1, 2 ORDER BY 1, 2"))
                .containsExactly("$k|int|1", "l|double|1", "l|int|1", "l|kvlist|1");
        assertThat(database.query(owners.catchAll()).stream().map(row -> row.substring(row.indexOf('|') + 1)))
                .containsExactlyInAnyOrder(
                        "{\"l\": 1.50}",
                        "{\"l\": {\"k\": 1}, \"$keys\": [[\"$k\", 1]]}",
                        "{\"$fields\": {\"k\": \"YQA=\"}}");
        assertThat(database.value("CALL otel.drop_attribute('" + owners.context() + "', 'k')"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource
    void erasesKeysByTheirBeginning(AttributeOwners owners) throws Exception {
        database.execute(
                owners.insert("""
                        VALUES (1::bigint, '{"internal.a": 1, "internal.b": {"$list": [1, 2]}, "internal": 1, "internalx": 1, "x.internal.a": 1}'::jsonb),
                            (2, '{"internal.": "x", "$keys": [[{"$string": "aW50ZXJuYWwuYQBi"}, 1], ["$internal.a", 2]]}'), (3, '{"internal.c": [1]}')
                        """),
                "CALL otel.promote_attribute('" + owners.context() + "', 'internal.a', 'int')",
                "CALL otel.promote_attribute('" + owners.context() + "', 'internalx', 'int')");

        assertThat(database.value("CALL otel.drop_attribute('" + owners.context() + "', 'internal.*', 1, 0)"))
                .isEqualTo("6");

        assertThat(database.query("SELECT key FROM (" + owners.unified() + ") AS a ORDER BY 1"))
                .containsExactly("$internal.a", "internal", "internalx", "x.internal.a");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a%;1;[\"a.b\", \"a_b\", \"a*b\", \"axb\", \"\", \"$k\", \"$keys\", \"c\u2400\"]",
                "a_b;1;[\"a%\", \"a.b\", \"a*b\", \"axb\", \"\", \"$k\", \"$keys\", \"c\u2400\"]",
                "a.*;1;[\"a%\", \"a_b\", \"a*b\", \"axb\", \"\", \"$k\", \"$keys\", \"c\u2400\"]",
                "a*b;1;[\"a%\", \"a.b\", \"a_b\", \"axb\", \"\", \"$k\", \"$keys\", \"c\u2400\"]",
                "a*;5;[\"\", \"$k\", \"$keys\", \"c\u2400\"]",
                "$k;1;[\"a%\", \"a.b\", \"a_b\", \"a*b\", \"axb\", \"\", \"$keys\", \"c\u2400\"]",
                "$keys;1;[\"a%\", \"a.b\", \"a_b\", \"a*b\", \"axb\", \"\", \"$k\", \"c\u2400\"]",
                "$*;2;[\"a%\", \"a.b\", \"a_b\", \"a*b\", \"axb\", \"\", \"c\u2400\"]",
                "$fields;0;[\"a%\", \"a.b\", \"a_b\", \"a*b\", \"axb\", \"\", \"$k\", \"$keys\", \"c\u2400\"]",
                "c\u2400;1;[\"a%\", \"a.b\", \"a_b\", \"a*b\", \"axb\", \"\", \"$k\", \"$keys\"]",
                "*;9;null",
            })
    void takesNothingButAnAsteriskAtTheEndAsAPattern(String wanted, String removed, String remaining) throws Exception {
        String catchAll =
                "'{\"a%\": 1, \"a.b\": 1, \"a_b\": 1, \"a*b\": 1, \"axb\": 1, \"\": 1.50, \"$keys\": [[\"$k\", 1], [\"$keys\", 2], [{\"$string\": \"YwA=\"}, 3]], "
                        + "\"$fields\": {\"name\": \"YQA=\"}}'";

        assertThat(database.value("""
                        SELECT removed, remaining -> '$fields', remaining -> '', (SELECT jsonb_agg(e.key) FROM otel.catch_all_entries(remaining) AS e)
                        FROM otel.catch_all_without(%s, '%s')
                        """.formatted(catchAll, wanted)))
                .isEqualTo(removed + "|{\"name\": \"YQA=\"}|" + (wanted.equals("*") ? "null" : "1.50") + "|"
                        + sorted(remaining));
    }

    @Test
    void survivesACatchAllThatIsNotWhatTheWriterWrites() throws Exception {
        assertThat(database.query("""
                        SELECT w.removed, w.remaining
                        FROM (VALUES (1, jsonb '{"$keys": 5, "k": 1}'), (2, '{"$keys": [5, [], [null, 1]], "k": {"$list": 7}}'), (3, NULL), (4, '{}')) AS v (n, attributes)
                        CROSS JOIN LATERAL otel.catch_all_without(attributes, 'k*') AS w ORDER BY n
                        """))
                .containsExactly("1|{\"$keys\": 5}", "1|{\"$keys\": [5, [], [null, 1]]}", "0|null", "0|null");
    }

    @Test
    void erasesAKeyThatIsEmptyOrLongerThanAnyPolicyHas() throws Exception {
        database.execute(
                AttributeOwners.LOG.insert("SELECT 1, jsonb_build_object('', 1, repeat('k', 5000), 2, 'k', 3)"));

        assertThat(database.value("CALL otel.drop_attribute('log', '')")).isEqualTo("1");
        assertThat(database.value("CALL otel.drop_attribute('log', repeat('k', 5000))"))
                .isEqualTo("1");
        assertThat(database.query(AttributeOwners.LOG.catchAll()))
                .singleElement()
                .asString()
                .endsWith("|{\"k\": 3}");
    }

    /** They have been made with the attribute, and what reads them doesn't ask for it. */
    @Test
    void leavesIdentityAndColumnsOfAResourceAlone() throws Exception {
        database.execute("""
                CALL otel.upsert_dimension('resource', 5, repeat('5', 64), now(),
                    '{"present": true, "service_id": 6, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1, "service_name": "shop"}',
                    ARRAY[otel.key_id('service.name', 'string')], ARRAY['shop'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                """);
        List<String> before = database.query("SELECT * FROM otel.resources_dim");

        assertThat(database.value("CALL otel.drop_attribute('resource', 'service.name')"))
                .isEqualTo("1");

        assertThat(database.query("SELECT * FROM otel.resources_dim")).isEqualTo(before);
        assertThat(database.query("SELECT FROM otel.resource_attrs_unified")).isEmpty();
    }

    /** In the order of jsonb's keys: shorter ones first; then those under $keys. */
    private static String sorted(String keys) {
        if (keys.equals("null")) {
            return keys;
        }
        List<String> order = List.of("", "a%", "a*b", "a.b", "a_b", "axb", "$k", "$keys", "c\u2400");
        return order.stream()
                .filter(key -> keys.contains("\"" + key + "\""))
                .map(key -> "\"" + key + "\"")
                .toList()
                .toString();
    }
}
