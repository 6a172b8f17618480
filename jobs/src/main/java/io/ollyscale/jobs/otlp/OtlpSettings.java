package io.ollyscale.jobs.otlp;

import java.util.Map;

/**
 * What an endpoint is and where it publishes.
 *
 * @param grpcPort that is announced for gRPC; 0 for a free one
 * @param httpPort that is announced for HTTP; 0 for a free one
 * @param bootstrapServers Kafka's
 * @param topics where requests of a service are published; those of the others are answered as not implemented
 */
public record OtlpSettings(
        int grpcPort, int httpPort, String bootstrapServers, Map<OtlpService, String> topics, OtlpLimits limits) {

    public OtlpSettings {
        topics = Map.copyOf(topics);
    }

    /** With the default limits. */
    public OtlpSettings(int grpcPort, int httpPort, String bootstrapServers, Map<OtlpService, String> topics) {
        this(grpcPort, httpPort, bootstrapServers, topics, OtlpLimits.DEFAULT);
    }
}
