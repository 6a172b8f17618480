package io.ollyscale.schema.otlp;

import com.google.protobuf.Message;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Locale;

/** A signal of OTLP. A record of one is a {@code …Data} message, or the {@code Export…ServiceRequest} of the same shape. */
public enum Signal {
    TRACES(TracesData.getDefaultInstance(), "otlp_spans"),
    LOGS(LogsData.getDefaultInstance(), "otlp_logs"),
    METRICS(MetricsData.getDefaultInstance(), "otlp_metrics");

    private final Message message;
    private final String topic;

    Signal(Message message, String topic) {
        this.message = message;
        this.topic = topic;
    }

    /** The default instance of a record's message. */
    public Message message() {
        return message;
    }

    /** The only field of that message, as OTLP/JSON calls it. */
    public String jsonKey() {
        return message.getDescriptorForType().getFields().get(0).getJsonName();
    }

    /** The topic that the Collector's Kafka exporter writes to when it isn't told another one. */
    public String defaultTopic() {
        return topic;
    }

    /** As people and the tables write it: {@code traces}, {@code logs} or {@code metrics}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
