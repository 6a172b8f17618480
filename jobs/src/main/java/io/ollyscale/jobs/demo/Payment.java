package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Operations.grpcServer;
import static io.ollyscale.jobs.demo.Operations.httpCallOutside;
import static io.ollyscale.jobs.demo.Operations.internal;
import static io.ollyscale.jobs.demo.Operations.sql;
import static io.ollyscale.jobs.demo.Service.PAYMENT;

/** The service payment, and the provider outside that it depends on: where the incident is. */
final class Payment {

    private static final Operation CHARGE = httpCallOutside(PAYMENT, "POST", "api.paywerk.example", "/v2/charges")
            .takesMillis(160, 0.35)
            .slowerInIncident(7)
            .answers(201)
            .with(Detail.of(request -> request.order().requestDigest()))
            .fails(Fault.of(FailureKind.UNAVAILABLE, 0.45, "503 Service Unavailable")
                    .onlyInIncident()
                    .thrownAs(Thrown.JAVA_PROVIDER))
            .fails(Fault.of(FailureKind.TIMEOUT, 0.4, "request timed out")
                    .onlyInIncident()
                    .lastingMillis(3_000)
                    .thrownAs(Thrown.JAVA_HTTP_TIMEOUT))
            .fails(Fault.of(FailureKind.UNAVAILABLE, 0.004, "503 Service Unavailable")
                    .thrownAs(Thrown.JAVA_PROVIDER))
            .build();

    static final Operation AUTHORIZE = grpcServer(PAYMENT, "shop.payment.v1.Payments", "Authorize")
            .takesMillis(2.2, 0.4)
            .with(Details.CUSTOMER, Details.ORDER_ID)
            .with(
                    Detail.of(request -> request.order().amount()),
                    Detail.oneOf(
                            Attribute.text("payment.method", "card"),
                            Attribute.text("payment.method", "card"),
                            Attribute.text("payment.method", "wallet"),
                            Attribute.text("payment.method", "transfer")))
            .calls(sql(
                            PAYMENT,
                            "SELECT",
                            "payment_methods",
                            "SELECT token, kind FROM payment_methods WHERE customer_id = ?")
                    .takesMillis(1.7, 0.5)
                    .build())
            .calls(internal(PAYMENT, Technology.OWN_CODE, "FraudCheck.score")
                    .takesMillis(8.5, 0.5)
                    .with(Detail.score("fraud.score"), Detail.flag("fraud.known_device", 0.8))
                    .fails(Fault.of(FailureKind.REFUSED, 0.03, "declined: the risk is too high"))
                    .build())
            .calls(Call.to(CHARGE).retried(1))
            .calls(sql(
                            PAYMENT,
                            "INSERT",
                            "payments",
                            "INSERT INTO payments (order_id, provider_ref, amount_cents) VALUES (?, ?, ?)")
                    .takesMillis(2.7, 0.5)
                    .build())
            .build();

    private Payment() {}
}
