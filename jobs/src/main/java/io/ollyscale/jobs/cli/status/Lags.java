package io.ollyscale.jobs.cli.status;

import io.ollyscale.functions.kafka.KafkaTopics;
import io.ollyscale.jobs.cli.KafkaCluster;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** Compares the ledger with Kafka. */
public final class Lags {

    private Lags() {}

    /**
     * The lag of every partition of the topics that exist: those in the ledger, and {@code alsoTopics}, but for
     * {@code notTopics}. Positions in another cluster, or in a topic that was deleted since, have none.
     */
    public static List<PartitionLag> read(
            StoreStatus store, KafkaCluster kafka, Collection<String> alsoTopics, Set<String> notTopics) {
        List<Position> positions = store.positions().stream()
                .filter(position -> position.clusterId().equals(kafka.id()))
                .toList();
        Set<String> names = new TreeSet<>(alsoTopics);
        positions.forEach(position -> names.add(position.topic()));
        names.removeAll(notTopics);
        Map<String, TopicDescription> topics = kafka.topics(names);

        Map<TopicPartition, Long> nextOffsets = new HashMap<>();
        for (Position position : positions) {
            TopicDescription topic = topics.get(position.topic());
            if (topic != null && KafkaTopics.idOf(topic).equals(position.topicId())) {
                nextOffsets.put(new TopicPartition(position.topic(), position.partition()), position.nextOffset());
            }
        }
        return lags(kafka, partitions(topics.values()), nextOffsets);
    }

    private static List<PartitionLag> lags(
            KafkaCluster kafka, List<TopicPartition> partitions, Map<TopicPartition, Long> nextOffsets) {
        Map<TopicPartition, Long> starts = kafka.logStarts(partitions);
        Map<TopicPartition, Long> ends = kafka.logEnds(partitions);
        return partitions.stream()
                .map(partition -> new PartitionLag(
                        partition.topic(),
                        partition.partition(),
                        nextOffsets.get(partition),
                        starts.get(partition),
                        ends.get(partition)))
                .toList();
    }

    private static List<TopicPartition> partitions(Collection<TopicDescription> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicDescription topic : topics) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                partitions.add(new TopicPartition(topic.name(), partition.partition()));
            }
        }
        partitions.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
        return partitions;
    }
}
