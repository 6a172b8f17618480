package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.jobs.cli.top.Grouping;
import io.ollyscale.jobs.cli.top.Order;
import io.ollyscale.jobs.cli.top.Snapshot;
import io.ollyscale.jobs.cli.top.Snapshots;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TopTextTest {

    private static final OptionalInt ANY = OptionalInt.empty();

    @Test
    void showsRateErrorsAndDurationsOfRequests() {
        assertThat(lines(Grouping.SERVICE, Snapshots.of(Snapshots.cart())))
                .containsExactly(
                        "14:00:10  since 14:00:00, 1 service, 150 spans/s",
                        "",
                        "service   | environment | req/s | spans/s | errors | p50 ms | p95 ms | p99 ms | max ms | instances | seen",
                        "----------+-------------+-------+---------+--------+--------+--------+--------+--------+-----------+-----",
                        "shop/cart | production  |   100 |     150 | 1.50 % |   2.00 |   2.00 |   2.00 |   2.00 |         3 |  1 s");
    }

    @Test
    void showsAllSpansOfAServiceWithoutRequests() {
        assertThat(lines(Grouping.SERVICE, Snapshots.of(Snapshots.cart(), Snapshots.browser())))
                .contains(
                        "browser   | -           |     - |   2,000 |    0 % |    120 |    120 |    120 |    120 |         0 |  1 s")
                .last()
                .asString()
                .startsWith("Without req/s: no server or consumer spans");
    }

    @Test
    void showsAServiceThatHasNoNameYet() {
        assertThat(lines(Grouping.SERVICE, Snapshots.of(Snapshots.unknown())))
                .contains(
                        "(not known yet: 0000000000001234) |  0.10 |    0.10 |  100 % |      - |      - |      - |      - |"
                                + "         0 |  1 s");
    }

    @Test
    void showsOperations() {
        assertThat(lines(Grouping.OPERATION, Snapshots.of(Snapshots.operation("GET /\u001b[2J"))))
                .contains(
                        "shop/cart | production  | GET /\\u001b[2J | SERVER |    1.00 |    0 % |   2.00 |   2.00 |   2.00 |"
                                + "   2.00 |  1 s");
    }

    @Test
    void putsFirstWhatIsAskedFor() {
        Snapshot snapshot = Snapshots.of(Snapshots.unknown(), Snapshots.cart(), Snapshots.browser());

        assertThat(firstColumn(text(Order.RATE), snapshot)).containsExactly("browser", "shop/cart", "(not");
        assertThat(firstColumn(text(Order.ERRORS), snapshot)).containsExactly("shop/cart", "(not", "browser");
        assertThat(firstColumn(text(Order.P95), snapshot)).containsExactly("browser", "shop/cart", "(not");
    }

    @Test
    void fitsTheTerminal() {
        Snapshot snapshot = Snapshots.of(Snapshots.unknown(), Snapshots.cart(), Snapshots.browser());

        List<String> lines = text(Order.RATE).lines(snapshot, OptionalInt.of(80), OptionalInt.of(8));

        assertThat(lines).hasSize(8).contains("and 1 more");
        assertThat(lines.subList(0, 7)).allMatch(line -> line.length() <= 80);
        assertThat(lines.get(2))
                .isEqualTo("service   | environment | req/s | errors | p50 ms | p95 ms | max ms | seen");
    }

    @Test
    void saysThatThereIsNothing() {
        assertThat(lines(Grouping.SERVICE, Snapshots.ofNothing(null)))
                .containsExactly("14:00:10  since 14:00:00", "", "The store holds no spans yet.");
        assertThat(lines(Grouping.SERVICE, Snapshots.ofNothing(Snapshots.UNTIL.minus(Duration.ofHours(3)))))
                .contains("No spans began since then. The newest one of the store arrived 3 h ago.");
    }

    private static List<String> firstColumn(TopText text, Snapshot snapshot) {
        return text.lines(snapshot, ANY, ANY).stream()
                .skip(4)
                .filter(line -> line.contains("|"))
                .map(line -> line.split(" ")[0])
                .toList();
    }

    private static List<String> lines(Grouping grouping, Snapshot snapshot) {
        return new TopText(grouping, Order.RATE, 50, ZoneOffset.UTC).lines(snapshot, ANY, ANY);
    }

    private static TopText text(Order order) {
        return new TopText(Grouping.SERVICE, order, 50, ZoneOffset.UTC);
    }
}
