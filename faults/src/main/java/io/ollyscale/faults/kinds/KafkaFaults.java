package io.ollyscale.faults.kinds;

import io.ollyscale.faults.kinds.Fault.Target;
import io.ollyscale.faults.rounds.Pipeline;
import io.ollyscale.faults.rounds.Servers;
import io.ollyscale.functions.testing.TestTopic;
import io.ollyscale.schema.otlp.Signal;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;

/** What happens to the broker and to its logs. */
final class KafkaFaults {
    private static final int RECORDS_AFTERWARDS = 60;
    private static final int MOST_TRUNCATED = 8;

    static final List<Fault> ALL = List.of(
            Fault.of("broker killed", Target.BROKER, (servers, pipeline, random) -> {
                servers.broker().kill();
                return servers.broker()::start;
            }),
            Fault.ending("topic created anew", KafkaFaults::createAnew),
            Fault.ending("log truncated", KafkaFaults::truncate));

    private KafkaFaults() {}

    /** What was sent is stored before; otherwise it would be lost for everybody. */
    private static Fault.Repair createAnew(Servers servers, Pipeline pipeline, Random random) throws Exception {
        pipeline.awaitStored();
        TestTopic topic = pipeline.topic(Signal.values()[random.nextInt(Signal.values().length)]);
        topic.delete();
        topic.create();
        pipeline.load().forgetEnds();
        pipeline.flow(RECORDS_AFTERWARDS);
        return Fault.Repair.NONE;
    }

    /** A partition loses its last records, as to an unclean election; they are stored, and others take their offsets. */
    private static Fault.Repair truncate(Servers servers, Pipeline pipeline, Random random) throws Exception {
        pipeline.awaitStored();
        String topic = pipeline.topic(Signal.values()[random.nextInt(Signal.values().length)])
                .name();
        int partition = random.nextInt(Pipeline.PARTITIONS);
        long end = pipeline.load().ends().getOrDefault(new TopicPartition(topic, partition), 0L);
        servers.broker().kill();
        if (end > 0) {
            servers.broker().truncate(topic, partition, Math.max(0, end - 1 - random.nextInt(MOST_TRUNCATED)));
        }
        servers.broker().start();
        pipeline.load().forgetEnds();
        pipeline.flow(RECORDS_AFTERWARDS);
        return Fault.Repair.NONE;
    }
}
