package io.ollyscale.functions.ledger;

import java.io.Serializable;
import java.util.Comparator;
import org.apache.kafka.common.TopicPartition;

/**
 * A partition of one life of a topic: a topic that is deleted and created anew has another id.
 *
 * @param clusterId Kafka's
 * @param topicId the topic's UUID in Kafka's form, or its name where the broker has none
 */
public record PartitionKey(String clusterId, String topicId, String topic, int partition)
        implements Serializable, Comparable<PartitionKey> {

    private static final Comparator<PartitionKey> ORDER = Comparator.comparing(PartitionKey::topicId)
            .thenComparingInt(PartitionKey::partition)
            .thenComparing(PartitionKey::clusterId)
            .thenComparing(PartitionKey::topic);

    /** What Kafka's clients call it; they know nothing of lives. */
    public TopicPartition inKafka() {
        return new TopicPartition(topic, partition);
    }

    /** The order in which rows are locked, by every writer. */
    @Override
    public int compareTo(PartitionKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
