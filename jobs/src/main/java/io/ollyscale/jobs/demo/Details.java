package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;

/** Details that several operations have. */
final class Details {
    static final Detail CUSTOMER = (attributes, step) -> {
        Visitor visitor = step.request().visitor();
        attributes.add(visitor.customer());
        attributes.add(visitor.tier());
    };

    static final Detail SESSION = Detail.of(request -> request.visitor().session());
    static final Detail CLIENT_ADDRESS = Detail.of(request -> request.visitor().address());

    static final Detail PRODUCT = (attributes, step) -> {
        Product product = step.request().product();
        attributes.add(product.id());
        attributes.add(product.category());
    };

    static final Detail CART_ITEMS = Detail.of(request -> request.order().items());

    static final Detail ORDER = (attributes, step) -> {
        Order order = step.request().order();
        attributes.add(order.id());
        attributes.add(order.amount());
        attributes.add(order.skus());
    };

    static final Detail ORDER_ID = Detail.of(request -> request.order().id());

    /** Of the message that is sent, or of the first one that is processed. */
    static final Detail MESSAGE = (attributes, step) -> {
        QueuePosition position = step.request().queuePosition();
        attributes.add(position.partition());
        attributes.add(position.offset());
        attributes.add(step.request().order().messageKey());
    };

    private Details() {}

    /** The path of something that belongs to the session: {@code prefix}, the session's id, {@code suffix}. */
    static Detail sessionPath(String key, String prefix, String suffix) {
        return (attributes, step) -> {
            String session = step.request().visitor().session().getValue().getStringValue();
            attributes.add(Attribute.text(key, prefix + session + suffix));
        };
    }

    static KeyValue path(String path) {
        return Attribute.text("url.path", path);
    }
}
