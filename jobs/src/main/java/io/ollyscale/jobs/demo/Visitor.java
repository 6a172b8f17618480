package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.HexFormat;

/**
 * Who asks.
 *
 * @param userAgent null where nobody asks from outside
 */
record Visitor(
        KeyValue customer,
        KeyValue tier,
        KeyValue newCheckout,
        KeyValue session,
        KeyValue country,
        KeyValue address,
        KeyValue userAgent) {
    private static final int CUSTOMERS = 60_000;
    private static final HexFormat HEX = HexFormat.of();

    /** Those that are for documentation. */
    private static final String[] NETWORKS = {"192.0.2.", "198.51.100.", "203.0.113."};

    /** Seven customers of ten, two, and one. */
    private static final String[] TIERS = {
        "standard", "standard", "standard", "standard", "standard", "standard", "standard", "silver", "silver", "gold"
    };

    private static final String[] COUNTRIES = {"DE", "FR", "ES", "PL", "GB", "IT", "NL"};

    static Visitor draw(KeyValue userAgent, Dice dice) {
        int who = dice.below(CUSTOMERS);
        return new Visitor(
                Attribute.text("customer.id", "c-" + (100_000 + who)),
                Attribute.text("customer.tier", TIERS[who % TIERS.length]),
                Attribute.flag("feature_flag.new_checkout", who % 5 == 0),
                Attribute.text("session.id", HEX.toHexDigits(dice.next())),
                Attribute.text("country", COUNTRIES[who % COUNTRIES.length]),
                Attribute.text("client.address", NETWORKS[who % NETWORKS.length] + (1 + who / 7 % 254)),
                userAgent);
    }
}
