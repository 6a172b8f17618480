package io.ollyscale.jobs.otlp;

import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import org.apache.flink.configuration.Configuration;

/**
 * A signal's service, and where its requests are published.
 *
 * @param encoding of the topic's records
 */
public record OtlpService(Signal signal, String topic, RecordEncoding encoding) {

    /** Publishes to the topic that the job reads the signal from, as it reads it. */
    public static OtlpService of(Signal signal, Configuration options) {
        SignalOptions ofSignal = SignalOptions.of(signal);
        return new OtlpService(signal, options.get(ofSignal.topic()), options.get(ofSignal.encoding()));
    }

    static String httpPath(Signal signal) {
        return "/v1/" + signal;
    }

    static String grpcPath(Signal signal) {
        String service = switch (signal) {
            case TRACES -> "trace.v1.TraceService";
            case LOGS -> "logs.v1.LogsService";
            case METRICS -> "metrics.v1.MetricsService";
        };
        return "/opentelemetry.proto.collector." + service + "/Export";
    }
}
