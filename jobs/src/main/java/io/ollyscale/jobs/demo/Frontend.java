package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Operations.grpcCall;
import static io.ollyscale.jobs.demo.Operations.httpCall;
import static io.ollyscale.jobs.demo.Operations.httpServer;
import static io.ollyscale.jobs.demo.Operations.internal;
import static io.ollyscale.jobs.demo.Service.GATEWAY;
import static io.ollyscale.jobs.demo.Service.STOREFRONT;

import io.opentelemetry.proto.common.v1.KeyValue;

/** What customers touch: the storefront in their browsers, and the gateway behind it. */
final class Frontend {
    private static final String SITE = "https://www.shop.example";
    private static final Call RECOMMENDATIONS = Call.to(
                    grpcCall(GATEWAY, Discovery.RECOMMEND).build())
            .asAlongside()
            .asTolerated();

    static final Operation API_PRODUCTS = gateway("GET", "/api/products")
            .with(Details.path("/api/products"))
            .calls(grpcCall(GATEWAY, Discovery.LIST_PRODUCTS).build())
            .build();

    static final Operation API_PRODUCT = gateway("GET", "/api/products/{productId}")
            .with(Detail.of(request -> request.product().apiPath()))
            .calls(grpcCall(GATEWAY, Discovery.GET_PRODUCT).build())
            .calls(Call.to(grpcCall(GATEWAY, Fulfilment.GET_STOCK).build()).asAlongside())
            .calls(RECOMMENDATIONS)
            .build();

    static final Operation API_ORDER = gateway("GET", "/api/orders/{orderId}")
            .with((attributes, step) -> attributes.add(Attribute.text(
                    "url.path",
                    "/api/orders/" + step.request().order().id().getValue().getStringValue())))
            .calls(grpcCall(GATEWAY, Ordering.GET_ORDER).build())
            .build();

    private static final Operation API_HOME = gateway("GET", "/api/home")
            .with(Details.path("/api/home"))
            .calls(grpcCall(GATEWAY, Discovery.LIST_PRODUCTS).build())
            .calls(RECOMMENDATIONS)
            .build();

    private static final Operation API_SEARCH = gateway("GET", "/api/search")
            .with(Details.path("/api/search"))
            .calls(httpCall(GATEWAY, "GET", Discovery.SEARCH_PRODUCTS)
                    .with(Attribute.text("url.full", "http://" + Service.SEARCH.address() + ":8080/search"))
                    .build())
            .build();

    private static final Operation API_CART =
            gatewayOfCart("GET", "", Ordering.GET_CART).build();

    private static final Operation API_ADD =
            gatewayOfCart("POST", "/items", Ordering.ADD_TO_CART).answers(201).build();

    private static final Operation API_REMOVE = gatewayOfCart("DELETE", "/items/{sku}", Ordering.REMOVE_FROM_CART)
            .answers(204)
            .build();

    private static final Operation API_CHECKOUT = gateway("POST", "/api/checkout")
            .answers(201)
            .with(Details.path("/api/checkout"))
            .with(Details.CART_ITEMS, Details.ORDER_ID)
            .calls(grpcCall(GATEWAY, Ordering.PLACE_ORDER).build())
            .build();

    static final Operation HOME_PAGE = page(Attribute.text("url.full", SITE + "/"))
            .calls(fetch("GET", API_HOME, Attribute.text("url.full", SITE + "/api/home")))
            .build();

    static final Operation PRODUCT_PAGE = page().with(
                    Detail.of(request -> request.product().pageUrl()))
            .calls(client("GET", API_PRODUCT)
                    .with(Detail.of(request -> request.product().apiUrl()))
                    .build())
            .build();

    static final Operation CART_PAGE = page(Attribute.text("url.full", SITE + "/cart"))
            .calls(fetch("GET", API_CART, Attribute.text("url.full", SITE + "/api/cart")))
            .build();

    static final Operation SEARCHING =
            interaction("submit", "search", fetch("GET", API_SEARCH, Attribute.text("url.full", SITE + "/api/search")));

    static final Operation ADDING = interaction(
            "click", "add-to-cart", fetch("POST", API_ADD, Attribute.text("url.full", SITE + "/api/cart/items")));

    static final Operation REMOVING = interaction(
            "click",
            "remove-from-cart",
            fetch("DELETE", API_REMOVE, Attribute.text("url.full", SITE + "/api/cart/items")));

    static final Operation BUYING = interaction(
            "click", "place-order", fetch("POST", API_CHECKOUT, Attribute.text("url.full", SITE + "/api/checkout")));

    private Frontend() {}

    private static Operation.Builder gateway(String method, String route) {
        return httpServer(GATEWAY, method, route)
                .takesMillis(1.3, 0.45)
                .with(Details.CLIENT_ADDRESS)
                .calls(internal(GATEWAY, Technology.MIDDLEWARE, "middleware - session")
                        .takesMillis(0.3, 0.4)
                        .with(Attribute.text("express.name", "session"), Attribute.text("express.type", "middleware"))
                        .with(Details.CUSTOMER, Details.SESSION)
                        .build());
    }

    private static Operation.Builder gatewayOfCart(String method, String suffix, Operation server) {
        return gateway(method, "/api/cart" + suffix)
                .with(Details.path("/api/cart" + suffix.replace("/{sku}", "")))
                .calls(httpCall(GATEWAY, method, server)
                        .with(Details.sessionPath(
                                "url.full",
                                "http://" + Service.CART.address() + ":8080/carts/",
                                suffix.replace("/{sku}", "")))
                        .build());
    }

    private static Operation.Builder page(KeyValue... attributes) {
        return internal(STOREFRONT, Technology.PAGE_LOAD, "documentLoad")
                .takesMillis(210, 0.45)
                .with(attributes)
                .with(Details.SESSION)
                .notes(
                        Moment.of("fetchStart", 0, 1),
                        Moment.of("responseEnd", 0.18, 1),
                        Moment.of("domInteractive", 0.55, 1),
                        Moment.of("firstContentfulPaint", 0.6, 0.9),
                        Moment.of("loadEventEnd", 1, 1));
    }

    private static Operation interaction(String event, String element, Operation fetch) {
        return internal(STOREFRONT, Technology.USER_INTERACTION, event + " " + element)
                .takesMillis(14, 0.5)
                .with(
                        Attribute.text("event_type", event),
                        Attribute.text("target_element", "BUTTON"),
                        Attribute.text("target_xpath", "//*[@id=\"" + element + "\"]"))
                .with(Details.SESSION)
                .calls(fetch)
                .build();
    }

    private static Operation fetch(String method, Operation server, KeyValue url) {
        return client(method, server).with(url).build();
    }

    /** Over the internet. */
    private static Operation.Builder client(String method, Operation server) {
        return Operations.fetch(STOREFRONT, method, "www.shop.example")
                .answers(server.httpStatus())
                .takesMillis(34, 0.55)
                .calls(server);
    }
}
