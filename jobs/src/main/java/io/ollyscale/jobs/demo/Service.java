package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Release.production;
import static io.ollyscale.jobs.demo.Release.staging;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import java.util.List;
import java.util.Locale;

/** The shop's services, and which versions of them run where. A new version of the cart is being rolled out, and is bad. */
enum Service {
    STOREFRONT("web", Sdk.WEB, production("3.12.0", 6), production("3.12.1", 2), staging("3.13.0-rc.1")),
    GATEWAY("web", Sdk.NODE, production("1.8.4", 3), staging("1.8.4")),
    CATALOG("discovery", Sdk.GO, production("2.31.0", 3), staging("2.32.0")),
    SEARCH("discovery", Sdk.JAVA, production("1.14.2", 2), staging("1.14.2")),
    RECOMMENDATION("discovery", Sdk.PYTHON, production("0.9.6", 2), staging("0.10.0")),
    CART(
            "ordering",
            Sdk.DOTNET,
            production("4.2.1", 3),
            production("4.3.0", 1).asRegressed(),
            staging("4.3.0").asRegressed()),
    CHECKOUT("ordering", Sdk.GO, production("5.7.0", 3), staging("5.8.0")),
    PAYMENT("ordering", Sdk.JAVA, production("2.19.3", 2), production("2.19.4", 1), staging("2.19.4")),
    SHIPPING("fulfilment", Sdk.RUST, production("1.3.0", 2), staging("1.3.0")),
    INVENTORY("fulfilment", Sdk.JAVA, production("3.0.5", 2), staging("3.1.0")),
    EMAIL("fulfilment", Sdk.PYTHON, production("1.1.0", 2), staging("1.1.0"));

    private final String namespace;
    private final Sdk sdk;
    private final List<Release> releases;
    private final Scope ownCode;

    Service(String namespace, Sdk sdk, Release... releases) {
        this.namespace = namespace;
        this.sdk = sdk;
        this.releases = List.of(releases);
        this.ownCode = new Scope(
                InstrumentationScope.newBuilder()
                        .setName("shop." + serviceName())
                        .setVersion("1.0.0")
                        .addAttributes(Attribute.text("shop.team", namespace))
                        .build(),
                "");
    }

    /** As {@code service.name} has it. */
    String serviceName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As {@code service.namespace} has it. */
    String namespace() {
        return namespace;
    }

    Sdk sdk() {
        return sdk;
    }

    List<Release> releases() {
        return releases;
    }

    /** Where other services reach it. */
    String address() {
        return serviceName() + ".shop.svc.cluster.local";
    }

    Scope scope(Technology technology) {
        return technology == Technology.OWN_CODE ? ownCode : sdk.scope(technology);
    }
}
