package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Something that the shop sells, with the attributes that name it.
 *
 * @param priceCents in euros
 */
record Product(
        String sku,
        int priceCents,
        KeyValue id,
        KeyValue category,
        KeyValue apiPath,
        KeyValue apiUrl,
        KeyValue pageUrl,
        KeyValue cacheKey) {

    /** All of them; the same for every seed, as a real shop's would be. */
    static final List<Product> ALL = all();

    private static final int COUNT = 240;

    /** The better half of them is asked for three times as often as the other. */
    static Product draw(Dice dice) {
        return ALL.get(dice.below(dice.below(2) == 0 ? COUNT : COUNT / 2));
    }

    private static List<Product> all() {
        String[] categories = {"tea", "coffee", "kettles", "cups", "books", "gifts"};
        Dice dice = new Dice(COUNT);
        List<Product> products = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            String sku = "SKU-" + HexFormat.of().withUpperCase().toHexDigits(dice.next(), 5);
            products.add(new Product(
                    sku,
                    199 + dice.below(8_000),
                    Attribute.text("product.id", sku),
                    Attribute.text("product.category", categories[i % categories.length]),
                    Attribute.text("url.path", "/api/products/" + sku),
                    Attribute.text("url.full", "https://www.shop.example/api/products/" + sku),
                    Attribute.text("url.full", "https://www.shop.example/products/" + sku),
                    Attribute.text("db.query.text", "GET product:" + sku)));
        }
        return List.copyOf(products);
    }
}
