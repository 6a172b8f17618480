package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.InstrumentationScope;

/**
 * An instrumentation library.
 *
 * @param schemaUrl empty where the library says none
 */
record Scope(InstrumentationScope message, String schemaUrl) {

    static Scope of(String name, String version, String schemaUrl) {
        return new Scope(
                InstrumentationScope.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .build(),
                schemaUrl);
    }
}
