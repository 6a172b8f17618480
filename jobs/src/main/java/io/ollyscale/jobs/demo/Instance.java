package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;

/** A process of a service; of the storefront, a kind of browser that it runs in. One object for each. */
final class Instance {
    private final Service service;
    private final Release release;
    private final Resource resource;
    private final KeyValue calledBy;

    /** @param calledBy what those that it calls see of it: the address of a server, the name of a browser */
    Instance(Service service, Release release, Resource resource, KeyValue calledBy) {
        this.service = service;
        this.release = release;
        this.resource = resource;
        this.calledBy = calledBy;
    }

    Service service() {
        return service;
    }

    Release release() {
        return release;
    }

    Resource resource() {
        return resource;
    }

    /** {@code network.peer.address} of a server, {@code user_agent.original} of a browser. */
    KeyValue calledBy() {
        return calledBy;
    }
}
