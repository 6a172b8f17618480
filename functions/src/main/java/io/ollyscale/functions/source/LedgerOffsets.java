package io.ollyscale.functions.source;

import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.functions.kafka.LogProbe;
import io.ollyscale.functions.ledger.LedgerRow;
import io.ollyscale.functions.ledger.PartitionKey;
import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.postgres.PostgresConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a job without state begins: at the ledger's {@code safe_offset}, or where the log was written anew below that; at
 * the earliest offset of what the ledger doesn't know. Runs in the JobManager.
 */
public final class LedgerOffsets implements OffsetsInitializer {
    private static final long serialVersionUID = 1;

    private final PostgresConnection postgres;
    private final Properties kafka;

    public LedgerOffsets(PostgresConnection postgres, Properties kafka) {
        this.postgres = postgres;
        this.kafka = kafka;
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        Map<TopicPartition, Long> offsets = new HashMap<>(retriever.beginningOffsets(partitions));
        try (KafkaTopics topics = new KafkaTopics(kafka);
                Connection connection = postgres.open("offsets")) {
            ledgerRows(topics, connection, partitions)
                    .forEach((key, row) -> offsets.merge(key.inKafka(), start(key, row), Math::max));
        } catch (SQLException e) {
            throw new FlinkRuntimeException("cannot read the ledger at " + postgres + ": " + e.getMessage(), e);
        }
        return offsets;
    }

    /** An offset that the log no longer has: the sink skips what is stored, and notices what is missing. */
    @Override
    @SuppressWarnings("deprecation") // the connector's interface asks for it
    public org.apache.kafka.clients.consumer.OffsetResetStrategy getAutoOffsetResetStrategy() {
        return org.apache.kafka.clients.consumer.OffsetResetStrategy.EARLIEST;
    }

    private static Map<PartitionKey, LedgerRow> ledgerRows(
            KafkaTopics topics, Connection connection, Collection<TopicPartition> partitions) throws SQLException {
        String clusterId = topics.clusterId();
        Map<String, String> topicIds = KafkaTopics.await(topics.topicIds(
                partitions.stream().map(TopicPartition::topic).distinct().toList()));
        List<PartitionKey> keys = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            String topicId = topicIds.get(partition.topic());
            if (topicId != null) {
                keys.add(new PartitionKey(clusterId, topicId, partition.topic(), partition.partition()));
            }
        }
        return new PositionLedger().read(connection, keys);
    }

    private long start(PartitionKey key, LedgerRow row) {
        if (row.leaderEpoch() < 0) {
            return row.safeOffset();
        }
        OptionalLong divergence = new LogProbe(kafka).divergence(key.inKafka(), row.nextOffset(), row.leaderEpoch());
        return Math.min(row.safeOffset(), divergence.orElse(row.safeOffset()));
    }
}
