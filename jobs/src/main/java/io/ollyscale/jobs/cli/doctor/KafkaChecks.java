package io.ollyscale.jobs.cli.doctor;

import static io.ollyscale.jobs.cli.KafkaCluster.await;

import io.ollyscale.jobs.cli.KafkaCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.common.errors.GroupAuthorizationException;

/** Kafka, and the topics of the signals. */
public final class KafkaChecks implements Checks {

    private final Supplier<Properties> address;
    private final String group;
    private final List<TopicChecks> topics;

    private Properties properties;
    private KafkaCluster kafka;
    private int brokers;

    /**
     * @param address properties of a client, the bootstrap servers among them; may throw where there are none
     * @param group that the job commits offsets under
     */
    public KafkaChecks(Supplier<Properties> address, String group, List<SignalTopic> topics) {
        this.address = address;
        this.group = group;
        this.topics = topics.stream().map(topic -> new TopicChecks(topic, this)).toList();
    }

    @Override
    public List<Check> all() {
        List<Check> checks = new ArrayList<>();
        checks.add(new Check("Kafka", this::reachable));
        checks.add(new Check("Kafka version", this::version));
        checks.add(new Check("Right to commit", this::commitRight));
        topics.forEach(topic -> checks.addAll(topic.all()));
        return checks;
    }

    Properties properties() {
        return properties;
    }

    KafkaCluster kafka() {
        return kafka;
    }

    int brokers() {
        return brokers;
    }

    private Verdict reachable() {
        properties = address.get();
        kafka = KafkaCluster.connect(properties);
        brokers = await(kafka.admin().describeCluster().nodes()).size();
        return Verdict.ok(properties.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + ", cluster "
                + kafka.id() + ", " + brokers + (brokers == 1 ? " broker" : " brokers"));
    }

    private Verdict version() {
        FinalizedVersionRange metadata = await(kafka.admin().describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get("metadata.version");
        return Verdict.ok(
                metadata == null ? "before 3.3, or with ZooKeeper" : "metadata.version " + metadata.maxVersionLevel());
    }

    private Verdict commitRight() {
        try {
            // Commits nothing, which needs the right all the same.
            await(kafka.admin().alterConsumerGroupOffsets(group, Map.of()).all());
        } catch (GroupAuthorizationException e) {
            return Verdict.warning("this user may not commit as group " + group + ": ingest works, but lag monitors see"
                    + " nothing; kafka-acls.sh --add --operation Read --group " + group + " …");
        }
        return Verdict.ok("group " + group);
    }

    @Override
    public void close() {
        if (kafka != null) {
            kafka.close();
        }
    }
}
