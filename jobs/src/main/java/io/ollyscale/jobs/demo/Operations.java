package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;

/** How operations of each technology begin: with the attributes that its instrumentation libraries give them. */
final class Operations {
    private static final int PORT = 8080;
    private static final int POSTGRES_PORT = 5432;
    private static final int REDIS_PORT = 6379;
    private static final int OPENSEARCH_PORT = 9200;
    private static final int KAFKA_PORT = 9092;
    private static final int TLS_PORT = 443;

    /** Thread pools of ten. */
    static final Detail THREAD = (attributes, step) -> {
        int thread = Dice.scaled(step.random("thread".hashCode()), Threads.NAMES.length);
        attributes.add(Threads.NAMES[thread]);
        attributes.add(Threads.IDS[thread]);
    };

    /** What a server sees of its caller: a browser's name, another server's address. */
    private static final Detail CALLER = (attributes, step) -> {
        if (step.parent() != null) {
            attributes.add(step.parent().instance().calledBy());
        } else {
            attributes.add(step.request().visitor().userAgent());
        }
    };

    private static final class Threads {
        private static final KeyValue[] NAMES = new KeyValue[10];
        private static final KeyValue[] IDS = new KeyValue[10];

        static {
            for (int i = 0; i < NAMES.length; i++) {
                NAMES[i] = Attribute.text("thread.name", "worker-" + (i + 1));
                IDS[i] = Attribute.integer("thread.id", 41 + 3L * i);
            }
        }
    }

    private Operations() {}

    static Operation.Builder httpServer(Service service, String method, String route) {
        return builder(service, Protocol.HTTP, Technology.HTTP_SERVER, SpanKind.SPAN_KIND_SERVER, method + " " + route)
                .with(
                        Attribute.text("http.request.method", method),
                        Attribute.text("http.route", route),
                        Attribute.text("url.scheme", service == Service.GATEWAY ? "https" : "http"),
                        Attribute.text("network.protocol.version", service == Service.GATEWAY ? "2" : "1.1"),
                        Attribute.text(
                                "server.address", service == Service.GATEWAY ? "www.shop.example" : service.address()),
                        Attribute.integer("server.port", service == Service.GATEWAY ? TLS_PORT : PORT))
                .with(CALLER);
    }

    /** A request from one service to another. */
    static Operation.Builder httpCall(Service caller, String method, Operation server) {
        return http(caller, method, method, server.service().address(), PORT)
                .answers(server.httpStatus())
                .takesMillis(0.7, 0.4)
                .calls(server);
    }

    /** A request to somebody else's system, which sends no spans; the path has no query. */
    static Operation.Builder httpCallOutside(Service caller, String method, String host, String path) {
        return http(caller, method, method + " " + path, host, TLS_PORT)
                .with(Attribute.text("url.template", path), Attribute.text("url.full", "https://" + host + path));
    }

    /** A browser's. */
    static Operation.Builder fetch(Service caller, String method, String host) {
        return http(caller, method, method, host, TLS_PORT);
    }

    private static Operation.Builder http(Service caller, String method, String name, String host, int port) {
        return builder(caller, Protocol.HTTP, Technology.HTTP_CLIENT, SpanKind.SPAN_KIND_CLIENT, name)
                .with(
                        Attribute.text("http.request.method", method),
                        Attribute.text("server.address", host),
                        Attribute.integer("server.port", port),
                        Attribute.text("network.protocol.version", port == TLS_PORT ? "2" : "1.1"));
    }

    static Operation.Builder grpcServer(Service service, String rpcService, String method) {
        return grpc(service, SpanKind.SPAN_KIND_SERVER, rpcService + "/" + method)
                .with(CALLER);
    }

    static Operation.Builder grpcCall(Service caller, Operation server) {
        return grpc(caller, SpanKind.SPAN_KIND_CLIENT, server.prototype().getName())
                .with(
                        Attribute.text("server.address", server.service().address()),
                        Attribute.integer("server.port", PORT))
                .takesMillis(0.5, 0.4)
                .calls(server);
    }

    private static Operation.Builder grpc(Service service, SpanKind kind, String fullMethod) {
        int slash = fullMethod.indexOf('/');
        return builder(service, Protocol.GRPC, Technology.GRPC, kind, fullMethod)
                .with(
                        Attribute.text("rpc.system", "grpc"),
                        Attribute.text("rpc.service", fullMethod.substring(0, slash)),
                        Attribute.text("rpc.method", fullMethod.substring(slash + 1)));
    }

    /** A statement of PostgreSQL; the database is called as the service. */
    static Operation.Builder sql(Service service, String operation, String table, String text) {
        Operation.Builder builder = builder(
                        service, Protocol.DATABASE, Technology.SQL, SpanKind.SPAN_KIND_CLIENT, operation + " " + table)
                .with(
                        Attribute.text("db.system.name", "postgresql"),
                        Attribute.text("db.namespace", service.serviceName()),
                        Attribute.text("db.collection.name", table),
                        Attribute.text("db.operation.name", operation),
                        Attribute.text("db.query.summary", operation + " " + table),
                        Attribute.text("db.query.text", text),
                        Attribute.text("server.address", "postgres-" + service.namespace() + ".data.shop.example"),
                        Attribute.integer("server.port", POSTGRES_PORT),
                        Attribute.text("network.peer.address", "10.43.7.11"),
                        Attribute.integer("network.peer.port", POSTGRES_PORT));
        return operation.equals("SELECT") ? builder.with(Detail.count("db.response.returned_rows", 60)) : builder;
    }

    static Operation.Builder redis(Service service, String operation) {
        return builder(service, Protocol.DATABASE, Technology.REDIS, SpanKind.SPAN_KIND_CLIENT, operation)
                .with(
                        Attribute.text("db.system.name", "redis"),
                        Attribute.text("db.namespace", "0"),
                        Attribute.text("db.operation.name", operation),
                        Attribute.text("server.address", "redis-" + service.namespace() + ".data.shop.example"),
                        Attribute.integer("server.port", REDIS_PORT),
                        Attribute.text("network.peer.address", "10.43.7.63"),
                        Attribute.integer("network.peer.port", REDIS_PORT))
                .takesMillis(0.4, 0.35);
    }

    static Operation.Builder openSearch(Service service, String operation, String index) {
        return builder(
                        service,
                        Protocol.DATABASE,
                        Technology.OPENSEARCH,
                        SpanKind.SPAN_KIND_CLIENT,
                        operation + " " + index)
                .with(
                        Attribute.text("db.system.name", "opensearch"),
                        Attribute.text("db.collection.name", index),
                        Attribute.text("db.operation.name", operation),
                        Attribute.text("http.request.method", "POST"),
                        Attribute.text("server.address", "opensearch.data.shop.example"),
                        Attribute.integer("server.port", OPENSEARCH_PORT));
    }

    static Operation.Builder send(Service service, String topic) {
        return messaging(service, SpanKind.SPAN_KIND_PRODUCER, "send", topic);
    }

    static Operation.Builder process(Service service, String topic) {
        return messaging(service, SpanKind.SPAN_KIND_CONSUMER, "process", topic)
                .with(Attribute.text("messaging.consumer.group.name", service.serviceName()));
    }

    private static Operation.Builder messaging(Service service, SpanKind kind, String operation, String topic) {
        return builder(service, Protocol.MESSAGING, Technology.KAFKA, kind, operation + " " + topic)
                .with(
                        Attribute.text("messaging.system", "kafka"),
                        Attribute.text("messaging.destination.name", topic),
                        Attribute.text("messaging.operation.name", operation),
                        Attribute.text("messaging.operation.type", operation),
                        Attribute.text("server.address", "kafka.data.shop.example"),
                        Attribute.integer("server.port", KAFKA_PORT));
    }

    static Operation.Builder internal(Service service, Technology technology, String name) {
        return builder(service, Protocol.INTERNAL, technology, SpanKind.SPAN_KIND_INTERNAL, name);
    }

    private static Operation.Builder builder(
            Service service, Protocol protocol, Technology technology, SpanKind kind, String name) {
        return new Operation.Builder(service, protocol, technology, kind, name);
    }
}
