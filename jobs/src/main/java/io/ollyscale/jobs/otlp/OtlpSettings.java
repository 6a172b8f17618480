package io.ollyscale.jobs.otlp;

import java.util.List;

/**
 * What an endpoint is and where it publishes.
 *
 * @param grpcPort that is announced for gRPC; 0 for a free one
 * @param httpPort that is announced for HTTP; 0 for a free one
 * @param bootstrapServers Kafka's
 * @param services at most one for each signal; requests of other signals are answered as not implemented
 */
public record OtlpSettings(
        int grpcPort, int httpPort, String bootstrapServers, List<OtlpService> services, OtlpLimits limits) {

    public OtlpSettings {
        services = List.copyOf(services);
    }

    /** With the default limits. */
    public OtlpSettings(int grpcPort, int httpPort, String bootstrapServers, List<OtlpService> services) {
        this(grpcPort, httpPort, bootstrapServers, services, OtlpLimits.DEFAULT);
    }
}
