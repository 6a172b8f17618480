package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Operations.grpcCall;
import static io.ollyscale.jobs.demo.Operations.grpcServer;
import static io.ollyscale.jobs.demo.Operations.httpCall;
import static io.ollyscale.jobs.demo.Operations.httpServer;
import static io.ollyscale.jobs.demo.Operations.internal;
import static io.ollyscale.jobs.demo.Operations.redis;
import static io.ollyscale.jobs.demo.Operations.send;
import static io.ollyscale.jobs.demo.Operations.sql;
import static io.ollyscale.jobs.demo.Service.CART;
import static io.ollyscale.jobs.demo.Service.CHECKOUT;

/** From the cart to the order: the services cart and checkout. */
final class Ordering {
    private static final String CHECKOUT_API = "shop.checkout.v1.Checkout";
    private static final String CARTS = "http://" + CART.address() + ":8080/carts/";

    /** What the new version of the cart can't do, whatever it is asked for. */
    private static final Fault UNREADABLE_LINE = Fault.of(
                    FailureKind.INTERNAL, 0.06, "The input string 'EUR 12,90' was not in a correct format.")
            .onlyInRegressedRelease()
            .thrownAs(Thrown.DOTNET_FORMAT);

    static final Operation GET_CART =
            cart("GET", "").calls(redis(CART, "HGETALL").build()).build();

    static final Operation ADD_TO_CART = cart("POST", "/items")
            .answers(201)
            .with(Details.PRODUCT)
            .notes(Moment.of("cart.line.added", 0.9, 1))
            .calls(grpcCall(CART, Discovery.GET_PRODUCT).build())
            .calls(redis(CART, "HSET").build())
            .calls(Call.to(redis(CART, "EXPIRE").build()).asAlongside())
            .build();

    static final Operation REMOVE_FROM_CART = cart("DELETE", "/items/{sku}")
            .answers(204)
            .with(Details.PRODUCT)
            .calls(redis(CART, "HDEL").build())
            .build();

    static final Operation EMPTY_CART = httpServer(CART, "DELETE", "/carts/{cartId}")
            .answers(204)
            .takesMillis(2.1, 0.4)
            .with(Details.sessionPath("url.path", "/carts/", ""))
            .calls(redis(CART, "DEL").build())
            .build();

    static final Operation GET_ORDER = grpcServer(CHECKOUT, CHECKOUT_API, "GetOrder")
            .takesMillis(0.9, 0.4)
            .with(Details.ORDER_ID)
            .calls(sql(
                            CHECKOUT,
                            "SELECT",
                            "orders",
                            "SELECT id, state, amount_cents, placed_at FROM orders WHERE id = $1")
                    .takesMillis(1.8, 0.5)
                    .build())
            .build();

    static final Operation PLACE_ORDER = grpcServer(CHECKOUT, CHECKOUT_API, "PlaceOrder")
            .takesMillis(3.4, 0.4)
            .with(Details.CUSTOMER, Details.CART_ITEMS, Details.ORDER)
            .with(Detail.of(request -> request.visitor().newCheckout()))
            .notes(Moment.of("order.placed", 0.97, 1))
            .calls(cartCall("GET", GET_CART))
            .calls(internal(CHECKOUT, Technology.OWN_CODE, "validate cart")
                    .takesMillis(0.8, 0.4)
                    .with(Details.CART_ITEMS)
                    .with(Detail.flag("coupon.used", 0.2))
                    .fails(Fault.of(FailureKind.INVALID, 0.012, "coupon has expired")
                            .thrownAs(Thrown.GO_COUPON))
                    .build())
            .calls(grpcCall(CHECKOUT, Discovery.GET_PRODUCTS).build())
            .calls(Call.to(httpCall(CHECKOUT, "POST", Fulfilment.QUOTE)
                            .with(Attribute.text("url.full", "http://" + Service.SHIPPING.address() + ":8080/quotes"))
                            .build())
                    .asAlongside())
            .calls(Call.to(grpcCall(CHECKOUT, Fulfilment.RESERVE).build()).retried(1))
            .calls(grpcCall(CHECKOUT, Payment.AUTHORIZE).build())
            .calls(sql(
                            CHECKOUT,
                            "INSERT",
                            "orders",
                            "INSERT INTO orders (id, customer_id, amount_cents, state) VALUES ($1, $2, $3, $4)")
                    .takesMillis(3.1, 0.5)
                    .build())
            .calls(send(CHECKOUT, "orders")
                    .takesMillis(2.6, 0.5)
                    .with(Details.MESSAGE)
                    .consumedBy(Fulfilment.SHIP)
                    .build())
            .calls(Call.to(cartCall("DELETE", EMPTY_CART)).asTolerated())
            .build();

    private Ordering() {}

    private static Operation.Builder cart(String method, String suffix) {
        return httpServer(CART, method, "/carts/{cartId}" + suffix)
                .takesMillis(3.6, 0.45)
                .with(Details.sessionPath("url.path", "/carts/", suffix.replace("/{sku}", "")))
                .with(Details.CART_ITEMS)
                .fails(UNREADABLE_LINE);
    }

    private static Operation cartCall(String method, Operation server) {
        return httpCall(CHECKOUT, method, server)
                .with(Details.sessionPath("url.full", CARTS, ""))
                .build();
    }
}
