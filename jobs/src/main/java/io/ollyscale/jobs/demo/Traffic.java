package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/** What the shop is asked for, how often, and by whom. */
final class Traffic {
    private static final List<KeyValue> PARTNERS = List.of(
            Attribute.text("user_agent.original", "pricewatch/4.2 (+https://pricewatch.example/bot)"),
            Attribute.text("user_agent.original", "okhttp/4.12.0"),
            Attribute.text("user_agent.original", "erp-sync/2.7 Java-http-client/21.0.4"));

    private static final List<String> TRACE_STATES =
            List.of("", "", "pricewatch=t61rcWkgMzE", "erp=00f067aa0ba902b7,pricewatch=t61rcWkgMzE");

    private static final List<Wish> WISHES = List.of(
            new Wish(Frontend.HOME_PAGE, 18, By.BROWSER),
            new Wish(Frontend.PRODUCT_PAGE, 27, By.BROWSER),
            new Wish(Frontend.SEARCHING, 17, By.BROWSER),
            new Wish(Frontend.ADDING, 11, By.BROWSER),
            new Wish(Frontend.CART_PAGE, 8, By.BROWSER),
            new Wish(Frontend.REMOVING, 2, By.BROWSER),
            new Wish(Frontend.BUYING, 7, By.BROWSER),
            new Wish(Frontend.API_PRODUCTS, 3, By.PARTNER),
            new Wish(Frontend.API_PRODUCT, 3, By.PARTNER),
            new Wish(Frontend.API_ORDER, 3, By.PARTNER),
            new Wish(Fulfilment.SYNC_STOCK, 1, By.NOBODY));

    private static final int WEIGHTS = WISHES.stream().mapToInt(Wish::weight).sum();

    private enum By {
        BROWSER,
        PARTNER,
        NOBODY
    }

    private record Wish(Operation operation, int weight, By by) {}

    /** A request, and the operation that it begins with. */
    record Asked(Operation operation, Request request) {}

    private Traffic() {}

    /** @param story its number */
    static Asked draw(long story, Dice dice) {
        Wish wish = wish(dice.below(WEIGHTS));
        boolean partner = wish.by == By.PARTNER;
        KeyValue userAgent = partner ? PARTNERS.get(dice.below(PARTNERS.size())) : null;
        String traceState = partner ? TRACE_STATES.get(dice.below(TRACE_STATES.size())) : "";
        Environment environment = Environment.draw(dice);
        Visitor visitor = Visitor.draw(userAgent, dice);
        Product product = Product.draw(dice);
        Order order = Order.draw(product, dice);
        return new Asked(
                wish.operation,
                new Request(environment, traceState, visitor, product, order, QueuePosition.of(story), order.lines()));
    }

    private static Wish wish(int number) {
        int left = number;
        for (Wish wish : WISHES) {
            left -= wish.weight;
            if (left < 0) {
                return wish;
            }
        }
        throw new IllegalStateException(number + " is beyond the weights");
    }
}
