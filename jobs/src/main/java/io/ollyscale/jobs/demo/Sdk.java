package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Technology.GRPC;
import static io.ollyscale.jobs.demo.Technology.HTTP_CLIENT;
import static io.ollyscale.jobs.demo.Technology.HTTP_SERVER;
import static io.ollyscale.jobs.demo.Technology.KAFKA;
import static io.ollyscale.jobs.demo.Technology.MIDDLEWARE;
import static io.ollyscale.jobs.demo.Technology.OPENSEARCH;
import static io.ollyscale.jobs.demo.Technology.PAGE_LOAD;
import static io.ollyscale.jobs.demo.Technology.REDIS;
import static io.ollyscale.jobs.demo.Technology.RUNTIME;
import static io.ollyscale.jobs.demo.Technology.SCHEDULER;
import static io.ollyscale.jobs.demo.Technology.SQL;
import static io.ollyscale.jobs.demo.Technology.USER_INTERACTION;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The SDKs that the services use, each with its habits: what it says of itself, and its instrumentation libraries. */
enum Sdk {
    WEB(
            "webjs",
            "2.0.1",
            "",
            "",
            "1.36.0",
            Map.of(
                    PAGE_LOAD, "@opentelemetry/instrumentation-document-load 0.48.0",
                    USER_INTERACTION, "@opentelemetry/instrumentation-user-interaction 0.48.0",
                    HTTP_CLIENT, "@opentelemetry/instrumentation-fetch 0.203.0")),
    NODE(
            "nodejs",
            "2.0.1",
            "nodejs",
            "22.17.1",
            "",
            Map.of(
                    HTTP_SERVER, "@opentelemetry/instrumentation-http 0.203.0",
                    HTTP_CLIENT, "@opentelemetry/instrumentation-http 0.203.0",
                    MIDDLEWARE, "@opentelemetry/instrumentation-express 0.52.0",
                    GRPC, "@opentelemetry/instrumentation-grpc 0.203.0",
                    RUNTIME, "@opentelemetry/instrumentation-runtime-node 0.17.0")),
    GO(
            "go",
            "1.37.0",
            "go",
            "go1.24.5",
            "1.37.0",
            Map.of(
                    GRPC, "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc 0.62.0",
                    HTTP_CLIENT, "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp 0.62.0",
                    SQL, "github.com/XSAM/otelsql 0.39.0",
                    REDIS, "github.com/redis/go-redis/extra/redisotel 9.11.0",
                    KAFKA, "github.com/twmb/franz-go/plugin/kotel 1.6.0",
                    RUNTIME, "go.opentelemetry.io/contrib/instrumentation/runtime 0.62.0")),
    JAVA(
            "java",
            "1.54.1",
            "OpenJDK Runtime Environment",
            "21.0.8+9-LTS",
            "1.37.0",
            Map.of(
                    HTTP_SERVER, "io.opentelemetry.tomcat-10.0 2.20.1-alpha",
                    HTTP_CLIENT, "io.opentelemetry.java-http-client 2.20.1-alpha",
                    GRPC, "io.opentelemetry.grpc-1.6 2.20.1-alpha",
                    SQL, "io.opentelemetry.jdbc 2.20.1-alpha",
                    OPENSEARCH, "io.opentelemetry.opensearch-rest-3.0 2.20.1-alpha",
                    SCHEDULER, "io.opentelemetry.spring-scheduling-3.1 2.20.1-alpha",
                    RUNTIME, "io.opentelemetry.runtime-telemetry-java8 2.20.1-alpha")),
    PYTHON(
            "python",
            "1.36.0",
            "cpython",
            "3.13.5",
            "1.11.0",
            Map.of(
                    HTTP_CLIENT, "opentelemetry.instrumentation.requests 0.57b0",
                    GRPC, "opentelemetry.instrumentation.grpc 0.57b0",
                    REDIS, "opentelemetry.instrumentation.redis 0.57b0",
                    KAFKA, "opentelemetry.instrumentation.confluent_kafka 0.57b0",
                    RUNTIME, "opentelemetry.instrumentation.system_metrics 0.57b0")),
    DOTNET(
            "dotnet",
            "1.12.0",
            ".NET",
            "9.0.7",
            "",
            Map.of(
                    HTTP_SERVER, "Microsoft.AspNetCore",
                    REDIS, "OpenTelemetry.Instrumentation.StackExchangeRedis 1.12.0-beta.2",
                    GRPC, "OpenTelemetry.Instrumentation.GrpcNetClient 1.12.0-beta.1",
                    RUNTIME, "OpenTelemetry.Instrumentation.Process 1.12.0-beta.1")),
    RUST(
            "rust",
            "0.30.0",
            "",
            "",
            "",
            Map.of(
                    HTTP_SERVER, "axum-tracing-opentelemetry 0.29.0",
                    HTTP_CLIENT, "reqwest-tracing 0.5.8",
                    SQL, "tracing-opentelemetry 0.31.0",
                    KAFKA, "tracing-opentelemetry 0.31.0",
                    RUNTIME, "opentelemetry-system-metrics 0.4.2"));

    private static final String SCHEMAS = "https://opentelemetry.io/schemas/";

    private final String language;
    private final String version;
    private final String runtime;
    private final String runtimeVersion;
    private final String schemaUrl;
    private final Map<Technology, Scope> scopes = new EnumMap<>(Technology.class);

    /**
     * @param runtime empty where the SDK says none
     * @param schemaVersion of the semantic conventions; empty where the SDK says none
     * @param libraries name and version, divided by a space
     */
    Sdk(
            String language,
            String version,
            String runtime,
            String runtimeVersion,
            String schemaVersion,
            Map<Technology, String> libraries) {
        this.language = language;
        this.version = version;
        this.runtime = runtime;
        this.runtimeVersion = runtimeVersion;
        this.schemaUrl = schemaVersion.isEmpty() ? "" : SCHEMAS + schemaVersion;
        libraries.forEach((technology, library) -> {
            int space = library.indexOf(' ');
            scopes.put(
                    technology,
                    space < 0
                            ? Scope.of(library, "", schemaUrl)
                            : Scope.of(library.substring(0, space), library.substring(space + 1), schemaUrl));
        });
    }

    /** @throws IllegalStateException if the SDK has no library for it */
    Scope scope(Technology technology) {
        Scope scope = scopes.get(technology);
        if (scope == null) {
            throw new IllegalStateException("no library of " + this + " for " + technology);
        }
        return scope;
    }

    /** Empty where the SDK says none. */
    String schemaUrl() {
        return schemaUrl;
    }

    List<KeyValue> resourceAttributes() {
        List<KeyValue> attributes = new ArrayList<>();
        attributes.add(Attribute.text("telemetry.sdk.name", "opentelemetry"));
        attributes.add(Attribute.text("telemetry.sdk.language", language));
        attributes.add(Attribute.text("telemetry.sdk.version", version));
        if (this == JAVA) {
            attributes.add(Attribute.text("telemetry.distro.name", "opentelemetry-java-instrumentation"));
            attributes.add(Attribute.text("telemetry.distro.version", "2.20.1"));
        }
        if (!runtime.isEmpty()) {
            attributes.add(Attribute.text("process.runtime.name", runtime));
            attributes.add(Attribute.text("process.runtime.version", runtimeVersion));
        }
        return attributes;
    }

    /** Whether it says in a span's flags if the parent is in another process; an older SDK doesn't. */
    boolean saysRemote() {
        return this != RUST && this != DOTNET;
    }

    /** Whether a span without a status has an empty one. */
    boolean sendsEmptyStatus() {
        return this == GO || this == JAVA || this == NODE;
    }

    /** How often it exports metrics. */
    long exportNanos() {
        return TimeUnit.SECONDS.toNanos(this == PYTHON || this == DOTNET || this == RUST ? 15 : 10);
    }

    /** Of counters and histograms: one is configured to save memory. */
    AggregationTemporality temporality() {
        return this == GO
                ? AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
                : AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    }

    /** Attributes of what is thrown where another service fails; none where nothing is. */
    List<KeyValue> exceptionOfFailedCall(Fault fault) {
        Thrown thrown = switch (this) {
            case NODE -> Thrown.NODE_GRPC;
            case JAVA -> Thrown.JAVA_GRPC;
            case PYTHON -> Thrown.PYTHON_GRPC;
            case DOTNET -> Thrown.DOTNET_GRPC;
            case WEB, GO, RUST -> null;
        };
        return thrown == null ? List.of() : thrown.attributes(fault.kind().grpcName() + ": " + fault.message());
    }

    /** Whether spans have the thread that they ran on. */
    boolean saysThread() {
        return this == JAVA;
    }
}
