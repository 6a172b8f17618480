package io.ollyscale.functions.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** How far a store is, as its tables say. */
public final class StoreProgress {
    private StoreProgress() {}

    /** The ledger's next offset by partition, for one life of each topic. */
    public static Map<TopicPartition, Long> nextOffsets(Connection session, Collection<String> topicIds)
            throws SQLException {
        return offsets(session, "next_offset", topicIds);
    }

    /** The ledger's safe offset by partition, for one life of each topic. */
    public static Map<TopicPartition, Long> safeOffsets(Connection session, Collection<String> topicIds)
            throws SQLException {
        return offsets(session, "safe_offset", topicIds);
    }

    /** Kinds of dimensions that stored facts refer to without a row, by signal, with the number of such facts. */
    public static List<String> factsWithoutDimension(Connection session) throws SQLException {
        return Rows.of(session, """
                SELECT fact.signal || ' ' || missing.dimension AS missing, count(*)
                FROM (
                    SELECT 'traces' AS signal, resource_id, scope_id, service_id, operation_id, NULL::bigint AS series_id, NULL::bigint AS metric_id
                    FROM otel.spans_fact
                    UNION ALL
                    SELECT 'logs', resource_id, scope_id, service_id, NULL, NULL, NULL FROM otel.logs_fact
                    UNION ALL
                    SELECT 'metrics', s.resource_id, s.scope_id, NULL, NULL, p.series_id, s.metric_id
                    FROM (
                        SELECT series_id FROM otel.number_data_points
                        UNION ALL SELECT series_id FROM otel.histogram_data_points
                        UNION ALL SELECT series_id FROM otel.exp_histogram_data_points
                        UNION ALL SELECT series_id FROM otel.summary_data_points
                    ) AS p LEFT JOIN otel.metric_series_dim AS s USING (series_id)
                ) AS fact, LATERAL (VALUES
                    ('resource', resource_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.resources_dim AS d WHERE d.resource_id = fact.resource_id)),
                    ('scope', scope_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.scopes_dim AS d WHERE d.scope_id = fact.scope_id)),
                    ('service', service_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.service_dim AS d WHERE d.service_id = fact.service_id)),
                    ('operation', operation_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.operation_dim AS d WHERE d.operation_id = fact.operation_id)),
                    ('series', series_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.metric_series_dim AS d WHERE d.series_id = fact.series_id)),
                    ('metric', metric_id IS NOT NULL AND NOT EXISTS (SELECT FROM otel.metrics_dim AS d WHERE d.metric_id = fact.metric_id))
                ) AS missing (dimension, is_missing)
                WHERE is_missing GROUP BY 1 ORDER BY 1
                """);
    }

    /** An offset of the ledger by partition, for one life of each topic. */
    private static Map<TopicPartition, Long> offsets(Connection session, String column, Collection<String> topicIds)
            throws SQLException {
        try (PreparedStatement statement = session.prepareStatement("SELECT topic, partition_id, " + column
                + " FROM otel.ingest_ledger WHERE topic_id = ANY (?) AND " + column + " IS NOT NULL")) {
            statement.setArray(1, session.createArrayOf("text", topicIds.toArray()));
            Map<TopicPartition, Long> offsets = new HashMap<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    offsets.put(new TopicPartition(result.getString(1), result.getInt(2)), result.getLong(3));
                }
            }
            return offsets;
        }
    }
}
