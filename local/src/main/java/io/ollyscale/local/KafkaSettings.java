package io.ollyscale.local;

import java.util.HashMap;
import java.util.Map;

/** Settings of a Kafka server that is alone on its machine, small, and takes whole OTLP batches as records. */
final class KafkaSettings {

    private static final int MEBIBYTE = 1 << 20;

    /** The limit is on a batch of records, which is a little larger than its record. */
    private static final int MAX_BATCH_BYTES = LocalKafka.MAX_RECORD_BYTES + MEBIBYTE;

    private KafkaSettings() {}

    /**
     * @param replicas of the internal topics, which get no more than one partition each
     */
    static Map<String, String> with(int replicas) {
        Map<String, String> settings = new HashMap<>();
        settings.put("controller.listener.names", KafkaNode.CONTROLLER_LISTENER);
        settings.put("inter.broker.listener.name", KafkaNode.BROKER_LISTENER);
        settings.put(
                "listener.security.protocol.map",
                KafkaNode.BROKER_LISTENER + ":PLAINTEXT," + KafkaNode.CONTROLLER_LISTENER + ":PLAINTEXT");

        settings.put("auto.create.topics.enable", "false");
        settings.put("message.max.bytes", Integer.toString(MAX_BATCH_BYTES));
        settings.put("replica.fetch.max.bytes", Integer.toString(MAX_BATCH_BYTES));

        settings.put("offsets.topic.num.partitions", "1");
        settings.put("offsets.topic.replication.factor", Integer.toString(replicas));
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", Integer.toString(replicas));
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", Integer.toString(replicas));
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // Nobody else is about to join.
        settings.put("group.initial.rebalance.delay.ms", "0");

        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 * MEBIBYTE));
        settings.put("log.cleaner.io.buffer.size", Integer.toString(MEBIBYTE / 2));
        return settings;
    }
}
