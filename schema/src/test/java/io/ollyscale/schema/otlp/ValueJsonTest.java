package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.OtlpValues.kvlist;
import static io.ollyscale.schema.testing.OtlpValues.value;
import static io.ollyscale.schema.testing.OtlpValues.withoutValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ollyscale.schema.copy.JsonText;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.testing.OtlpValues;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValueJsonTest {

    @ParameterizedTest(name = "{0} as {1}")
    @MethodSource
    void writesEachValueInItsOwnForm(AnyValue value, String json) throws Exception {
        String text = json(attribute("key", value));

        assertThat(text).isEqualTo(json);
        assertThat(CatchAllReader.attributes("{\"key\":" + text + "}")).containsExactly(attribute("key", value));
    }

    static List<Arguments> writesEachValueInItsOwnForm() {
        return List.of(
                form("text", "\"text\""),
                form("", "\"\""),
                form("№ € 😀 \u007f\u2028", "\"№ € 😀 \u007f\u2028\""),
                form("\"\\/\b\t\n\f\r\u0001\u001f", "\"\\\"\\\\/\\u0008\\u0009\\u000a\\u000c\\u000d\\u0001\\u001f\""),
                form("$empty", "\"$empty\""),
                form("a\0€", "{\"$string\":\"YQDigqw=\"}"),
                form(true, "true"),
                form(false, "false"),
                form(0, "0"),
                form(-1, "-1"),
                form(Long.MAX_VALUE, "9223372036854775807"),
                form(Long.MIN_VALUE, "-9223372036854775808"),
                form(0.0, "0.0"),
                form(100.0, "100.0"),
                form(-2.5, "-2.5"),
                form(1e7, "10000000.0"),
                form(1e21, "1000000000000000000000.0"),
                form(1e-7, "0.00000010"),
                form(1.25e-7, "0.000000125"),
                form(9007199254740993.0, "9007199254740992.0"),
                form(Double.MAX_VALUE, "17976931348623157" + "0".repeat(292) + ".0"),
                form(-Double.MAX_VALUE, "-17976931348623157" + "0".repeat(292) + ".0"),
                form(Double.MIN_VALUE, "0." + "0".repeat(323) + "49"),
                form(-0.0, "{\"$double\":\"8000000000000000\"}"),
                form(1 / 0.0, "{\"$double\":\"7ff0000000000000\"}"),
                form(-1 / 0.0, "{\"$double\":\"fff0000000000000\"}"),
                form(nan(0x7ff8000000000000L), "{\"$double\":\"7ff8000000000000\"}"),
                form(nan(0xfff800000000beefL), "{\"$double\":\"fff800000000beef\"}"),
                form(nan(0x7ff0000000000001L), "{\"$double\":\"7ff0000000000001\"}"),
                form(new byte[0], "{\"$bytes\":\"\"}"),
                form(new byte[] {0, -1, 62}, "{\"$bytes\":\"AP8+\"}"),
                form(OtlpValues.EMPTY, "{\"$empty\":true}"),
                form(List.of(), "[]"),
                form(List.of(1, 1.0, "1", OtlpValues.EMPTY, List.of()), "[1,1.0,\"1\",{\"$empty\":true},[]]"),
                form(Map.of(), "{}"),
                form(Map.of("", Map.of("a", List.of(Map.of()))), "{\"\":{\"a\":[{}]}}"),
                form(
                        kvlist(withoutValue("a"), attribute("b", OtlpValues.EMPTY)),
                        "{\"a\":null,\"b\":{\"$empty\":true}}"),
                form(kvlist(attribute("a", 1), attribute("a", 1)), "{\"$kvlist\":[[\"a\",1],[\"a\",1]]}"),
                form(kvlist(attribute("$", 1), withoutValue("b")), "{\"$kvlist\":[[\"$\",1],[\"b\",null]]}"),
                form(Map.of("$bytes", "AA=="), "{\"$kvlist\":[[\"$bytes\",\"AA==\"]]}"),
                form(Map.of("a\0", 1), "{\"$kvlist\":[[{\"$string\":\"YQA=\"},1]]}"),
                form(Map.of("a$", 1), "{\"a$\":1}"));
    }

    @Test
    void anAttributeWithoutAValueIsNull() throws Exception {
        assertThat(json(withoutValue("key"))).isEqualTo("null");
    }

    @Test
    void keysAreEscaped() throws Exception {
        assertThat(json(attribute("outer", Map.of("a\"\n", 1)))).isEqualTo("{\"a\\\"\\u000a\":1}");
    }

    /** Every value has one form and every form one value, or the record could not be rebuilt. */
    @Test
    void randomValuesAreReadBackAsTheyWere() throws Exception {
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            KeyValue attribute = attribute("key", randomValue(random, 4));

            assertThat(CatchAllReader.attributes("{\"key\":" + json(attribute) + "}"))
                    .containsExactly(attribute);
        }
    }

    private static AnyValue randomValue(Random random, int levels) {
        return switch (random.nextInt(levels == 0 ? 6 : 8)) {
            case 0 -> value(randomText(random));
            case 1 -> value(random.nextLong() >> random.nextInt(64));
            case 2 ->
                AnyValue.newBuilder()
                        .setDoubleValue(
                                random.nextBoolean()
                                        ? Double.longBitsToDouble(random.nextLong())
                                        : random.nextInt(100) / 8.0)
                        .build();
            case 3 -> value(random.nextBoolean());
            case 4 -> value(randomText(random).getBytes(StandardCharsets.UTF_16));
            case 5 -> OtlpValues.EMPTY;
            case 6 ->
                value(IntStream.range(0, random.nextInt(4))
                        .mapToObj(i -> randomValue(random, levels - 1))
                        .toList());
            default -> {
                List<KeyValue> entries = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    String key = randomText(random);
                    entries.add(
                            random.nextInt(5) == 0
                                    ? withoutValue(key)
                                    : attribute(key, randomValue(random, levels - 1)));
                }
                yield kvlist(entries.toArray(KeyValue[]::new));
            }
        };
    }

    private static String randomText(Random random) {
        String[] parts = {"a", "$", "$double", "\0", "\"", "\\", "é", "€", "😀", "\u001f", ""};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    private static String json(KeyValue attribute) throws RefusedRecordException {
        JsonText text = new JsonText(new MemoryBudget(1L << 40));
        new ValueJson(text, DecodingLimits.DEFAULT, new UnknownFields()).attributeValue(attribute);
        return text.toString();
    }

    private static AnyValue nan(long bits) {
        return AnyValue.newBuilder()
                .setDoubleValue(Double.longBitsToDouble(bits))
                .build();
    }

    private static Arguments form(Object value, String json) {
        return arguments(value(value), json);
    }
}
