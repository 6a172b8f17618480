package io.ollyscale.jobs.otlp;

import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/** The exporters of OpenTelemetry's own SDK. */
enum SdkExporter {
    GRPC(true, "none"),
    GRPC_GZIP(true, "gzip"),
    HTTP(false, "none"),
    HTTP_GZIP(false, "gzip");

    private final boolean grpc;
    private final String compression;

    SdkExporter(boolean grpc, String compression) {
        this.grpc = grpc;
        this.compression = compression;
    }

    SpanExporter spans(OtlpEndpoint endpoint) {
        return grpc
                ? OtlpGrpcSpanExporter.builder()
                        .setEndpoint(grpcUrl(endpoint))
                        .setCompression(compression)
                        .build()
                : OtlpHttpSpanExporter.builder()
                        .setEndpoint(httpUrl(endpoint, "traces"))
                        .setCompression(compression)
                        .build();
    }

    LogRecordExporter logs(OtlpEndpoint endpoint) {
        return grpc
                ? OtlpGrpcLogRecordExporter.builder()
                        .setEndpoint(grpcUrl(endpoint))
                        .setCompression(compression)
                        .build()
                : OtlpHttpLogRecordExporter.builder()
                        .setEndpoint(httpUrl(endpoint, "logs"))
                        .setCompression(compression)
                        .build();
    }

    MetricExporter metrics(OtlpEndpoint endpoint) {
        return grpc
                ? OtlpGrpcMetricExporter.builder()
                        .setEndpoint(grpcUrl(endpoint))
                        .setCompression(compression)
                        .build()
                : OtlpHttpMetricExporter.builder()
                        .setEndpoint(httpUrl(endpoint, "metrics"))
                        .setCompression(compression)
                        .build();
    }

    private static String grpcUrl(OtlpEndpoint endpoint) {
        return "http://127.0.0.1:" + endpoint.grpcPort();
    }

    private static String httpUrl(OtlpEndpoint endpoint, String signal) {
        return "http://127.0.0.1:" + endpoint.httpPort() + "/v1/" + signal;
    }
}
