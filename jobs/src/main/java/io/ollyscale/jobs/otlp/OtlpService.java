package io.ollyscale.jobs.otlp;

import com.google.protobuf.Message;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Locale;

/** A service of OTLP, one for each signal, with the message whose wire format and JSON its requests have. */
public enum OtlpService {
    TRACES(TracesData.getDefaultInstance(), "trace.v1.TraceService"),
    LOGS(LogsData.getDefaultInstance(), "logs.v1.LogsService"),
    METRICS(MetricsData.getDefaultInstance(), "metrics.v1.MetricsService");

    private final Message message;
    private final String grpcService;

    OtlpService(Message message, String grpcService) {
        this.message = message;
        this.grpcService = grpcService;
    }

    /** The default instance. */
    Message message() {
        return message;
    }

    String httpPath() {
        return "/v1/" + this;
    }

    String grpcPath() {
        return "/opentelemetry.proto.collector." + grpcService + "/Export";
    }

    /** As the specification writes it in paths. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
