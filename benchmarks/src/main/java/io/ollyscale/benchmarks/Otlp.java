package io.ollyscale.benchmarks;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.ByteBuffer;

/** What the generated records of all signals are made of. */
final class Otlp {

    /** The services' nouns, which their names, routes and metrics have. */
    static final String[] THINGS = {"carts", "products", "orders", "shipments", "users", "recommendations"};

    static final String[] METHODS = {"GET", "POST", "PUT", "DELETE"};
    static final int[] STATUS_CODES = {200, 200, 200, 200, 200, 200, 201, 204, 304, 404, 500};
    static final String[] REGIONS = {"eu-central-1", "us-east-1", "ap-southeast-2"};

    private Otlp() {}

    /** One of a service's processes, each on its own host. */
    static Resource resource(int service) {
        return Resource.newBuilder()
                .addAttributes(text("service.name", "shop-" + THINGS[service % THINGS.length]))
                .addAttributes(text("service.version", "1.4." + service))
                .addAttributes(text("deployment.environment.name", "benchmark"))
                .addAttributes(text("host.name", "node-" + service))
                .addAttributes(text("telemetry.sdk.language", "java"))
                .build();
    }

    static InstrumentationScope scope(int service) {
        return InstrumentationScope.newBuilder()
                .setName(service % 2 == 0 ? "io.opentelemetry.tomcat-10.0" : "io.opentelemetry.netty-4.1")
                .setVersion("2.20.0-alpha")
                .build();
    }

    static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    static KeyValue integer(String key, long value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setIntValue(value))
                .build();
    }

    static KeyValue bool(String key, boolean value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setBoolValue(value))
                .build();
    }

    /** An id. */
    static ByteString bytes(long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * Long.BYTES);
        for (long word : words) {
            buffer.putLong(word);
        }
        return ByteString.copyFrom(buffer.flip());
    }
}
