package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Operations.grpcServer;
import static io.ollyscale.jobs.demo.Operations.httpCallOutside;
import static io.ollyscale.jobs.demo.Operations.httpServer;
import static io.ollyscale.jobs.demo.Operations.internal;
import static io.ollyscale.jobs.demo.Operations.process;
import static io.ollyscale.jobs.demo.Operations.sql;
import static io.ollyscale.jobs.demo.Service.EMAIL;
import static io.ollyscale.jobs.demo.Service.INVENTORY;
import static io.ollyscale.jobs.demo.Service.SHIPPING;

/** What becomes of an order: the services inventory, shipping and email. */
final class Fulfilment {
    private static final String INVENTORY_API = "shop.inventory.v1.Inventory";

    static final Operation GET_STOCK = grpcServer(INVENTORY, INVENTORY_API, "GetStock")
            .takesMillis(0.9, 0.4)
            .with(Details.PRODUCT)
            .calls(sql(INVENTORY, "SELECT", "stock", "SELECT free FROM stock WHERE sku = ? AND warehouse = ?")
                    .takesMillis(1.5, 0.5)
                    .build())
            .build();

    static final Operation RESERVE = grpcServer(INVENTORY, INVENTORY_API, "Reserve")
            .takesMillis(1.4, 0.4)
            .with(Details.ORDER_ID, Details.CART_ITEMS)
            .calls(Call.to(sql(
                                    INVENTORY,
                                    "UPDATE",
                                    "stock",
                                    "UPDATE stock SET free = free - ? WHERE sku = ? AND free >= ?")
                            .takesMillis(2.3, 0.6)
                            .fails(Fault.of(FailureKind.UNAVAILABLE, 0.006, "ERROR: deadlock detected")
                                    .lastingMillis(1_000)
                                    .thrownAs(Thrown.JAVA_DEADLOCK)
                                    .withCode("40P01"))
                            .build())
                    .forEach())
            .build();

    /** Runs by the clock, asked for by nobody. */
    static final Operation SYNC_STOCK = internal(INVENTORY, Technology.SCHEDULER, "StockSync.run")
            .takesMillis(4, 0.4)
            .with(Detail.count("inventory.changed_skus", 200))
            .calls(Call.to(httpCallOutside(INVENTORY, "GET", "wms.lager.example", "/api/v1/stock/changes")
                            .takesMillis(85, 0.5)
                            .fails(Fault.of(FailureKind.UNAVAILABLE, 0.02, "503 Service Unavailable"))
                            .build())
                    .retried(1))
            .calls(sql(INVENTORY, "UPDATE", "stock", "UPDATE stock SET free = ? WHERE sku = ? AND warehouse = ?")
                    .takesMillis(9, 0.7)
                    .build())
            .build();

    static final Operation QUOTE = httpServer(SHIPPING, "POST", "/quotes")
            .takesMillis(0.6, 0.3)
            .with(Details.path("/quotes"))
            .with(Detail.of(request -> request.order().items()))
            .calls(carrier("api.flinkpost.example", 48))
            .calls(Call.to(carrier("rates.parcello.example", 62)).asAlongside())
            .build();

    /** In the same trace as the order, as an instrumentation does that makes the producer the parent. */
    static final Operation SHIP = process(SHIPPING, "orders")
            .takesMillis(1.1, 0.4)
            .with(Details.MESSAGE)
            .with((attributes, step) -> attributes.add(Attribute.map(
                    "shipping.address",
                    step.request().visitor().country(),
                    Attribute.flag("pickup_point", Dice.scaled(step.random(1), 4) == 0))))
            .calls(sql(
                            SHIPPING,
                            "INSERT",
                            "shipments",
                            "INSERT INTO shipments (order_id, carrier, state) VALUES ($1, $2, $3)")
                    .takesMillis(2.2, 0.5)
                    .build())
            .calls(Call.to(httpCallOutside(SHIPPING, "POST", "api.flinkpost.example", "/v1/labels")
                            .takesMillis(70, 0.5)
                            .answers(201)
                            .fails(Fault.of(FailureKind.BUSY, 0.02, "429 Too Many Requests"))
                            .build())
                    .retried(2))
            .build();

    static final Operation SEND_MAIL = internal(EMAIL, Technology.OWN_CODE, "send confirmation")
            .takesMillis(3, 0.5)
            .with((attributes, step) -> attributes.add(step.story()
                    .links()
                    .get(step.repetition())
                    .request()
                    .order()
                    .id()))
            .calls(internal(EMAIL, Technology.OWN_CODE, "render template")
                    .takesMillis(12, 0.4)
                    .with(Attribute.text("email.template", "order-confirmation"))
                    .with(Detail.count("email.bytes", 90_000))
                    .build())
            .calls(Call.to(httpCallOutside(EMAIL, "POST", "api.briefbote.example", "/v3/messages")
                            .takesMillis(110, 0.45)
                            .answers(202)
                            .fails(Fault.of(FailureKind.BUSY, 0.03, "429 Client Error: Too Many Requests")
                                    .thrownAs(Thrown.PYTHON_HTTP))
                            .build())
                    .retried(2))
            .build();

    /** A batch of orders in a trace of its own, which links to what sent them. */
    static final Operation MAIL = process(EMAIL, "orders")
            .takesMillis(4, 0.4)
            .with(Details.MESSAGE)
            .with((attributes, step) -> attributes.add(Attribute.integer(
                    "messaging.batch.message_count", step.story().links().size())))
            .calls(Call.to(SEND_MAIL).forEach().asTolerated())
            .build();

    private Fulfilment() {}

    private static Operation carrier(String host, double millis) {
        return httpCallOutside(SHIPPING, "POST", host, "/v1/rates")
                .takesMillis(millis, 0.5)
                .build();
    }
}
