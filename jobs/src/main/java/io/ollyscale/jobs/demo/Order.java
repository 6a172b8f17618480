package io.ollyscale.jobs.demo;

import com.google.protobuf.UnsafeByteOperations;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What is in a cart, and becomes an order.
 *
 * @param lines different products
 * @param id as the services have it
 * @param messageKey the id as Kafka's clients have it
 * @param requestDigest of the payment
 */
record Order(
        int lines,
        KeyValue items,
        KeyValue skus,
        KeyValue amount,
        KeyValue id,
        KeyValue messageKey,
        KeyValue requestDigest) {
    private static final int MOST_LINES = 4;
    private static final int MOST_PIECES = 3;
    private static final HexFormat HEX = HexFormat.of();

    static Order draw(Product first, Dice dice) {
        // Few products more often than many.
        int lines = 1 + dice.below(dice.below(MOST_LINES) + 1);
        List<String> skus = new ArrayList<>(lines);
        int items = 0;
        long cents = 0;
        for (int i = 0; i < lines; i++) {
            Product product = i == 0 ? first : Product.ALL.get(dice.below(Product.ALL.size()));
            int pieces = 1 + dice.below(MOST_PIECES);
            skus.add(product.sku());
            items += pieces;
            cents += (long) pieces * product.priceCents();
        }
        long number = dice.next();
        String id = "o-" + HEX.toHexDigits(number, 10);
        byte[] digest = ByteBuffer.allocate(16)
                .putLong(number)
                .putLong(Dice.mix(number))
                .array();
        return new Order(
                lines,
                Attribute.integer("cart.items", items),
                Attribute.texts("order.skus", skus),
                Attribute.decimal("order.amount", cents / 100.0),
                Attribute.text("order.id", id),
                Attribute.text("messaging.kafka.message.key", id),
                Attribute.bytes("payment.request_digest", UnsafeByteOperations.unsafeWrap(digest)));
    }
}
