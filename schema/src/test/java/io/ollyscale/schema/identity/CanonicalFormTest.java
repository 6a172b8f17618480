package io.ollyscale.schema.identity;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.OtlpValues.kvlist;
import static io.ollyscale.schema.testing.OtlpValues.withoutValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ollyscale.schema.testing.OtlpValues;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CanonicalFormTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void equalAttributesHaveEqualHashes(String name, List<KeyValue> one, List<KeyValue> other) {
        assertThat(hash(one)).isEqualTo(hash(other));
    }

    static List<Arguments> equalAttributesHaveEqualHashes() {
        KeyValue a = attribute("a", 1);
        KeyValue b = attribute("b", List.of("x"));
        KeyValue c = withoutValue("c");
        return List.of(
                arguments("another order", List.of(a, b, c), List.of(c, a, b)),
                arguments(
                        "another order in a kvlist",
                        List.of(attribute("k", kvlist(a, b))),
                        List.of(attribute("k", kvlist(b, a)))));
    }

    @Test
    void differentAttributesHaveDifferentHashes() {
        KeyValue a = attribute("a", 1);
        KeyValue b = attribute("b", 1);
        List<List<KeyValue>> different = List.of(
                List.of(),
                List.of(a),
                List.of(b),
                List.of(a, b),
                List.of(a, a),
                List.of(a, a, b),
                List.of(a, attribute("a", 2)),
                List.of(attribute("a", 2), a),
                List.of(attribute("a", "1")),
                List.of(attribute("a", 1.0)),
                List.of(attribute("a", true)),
                List.of(attribute("a", new byte[] {1})),
                List.of(attribute("a", new byte[] {'1'})),
                List.of(attribute("a", List.of(1))),
                List.of(attribute("a", List.of(List.of(1)))),
                List.of(attribute("a", List.of(1, 1))),
                List.of(attribute("a", List.of("x", "y"))),
                List.of(attribute("a", List.of("y", "x"))),
                List.of(attribute("a", List.of("xy"))),
                List.of(attribute("a", List.of("xy", ""))),
                List.of(attribute("a", Map.of("a", 1))),
                List.of(attribute("a", Map.of())),
                List.of(attribute("a", List.of())),
                List.of(attribute("a", "")),
                List.of(attribute("a", new byte[0])),
                List.of(attribute("a", 0)),
                List.of(attribute("a", 0.0)),
                List.of(attribute("a", -0.0)),
                List.of(attribute("a", nan(0x7ff8000000000000L))),
                List.of(attribute("a", nan(0x7ff8000000000001L))),
                List.of(attribute("a", false)),
                List.of(attribute("a", OtlpValues.EMPTY)),
                List.of(withoutValue("a")),
                List.of(withoutValue("")),
                List.of(attribute("ab", "c")),
                List.of(attribute("a", "bc")),
                List.of(attribute("a", "b\0")));
        Set<String> hashes = different.stream().map(CanonicalFormTest::hash).collect(Collectors.toSet());

        assertThat(hashes).hasSameSizeAs(different);
    }

    @Test
    void lengthsKeepNeighboursApart() {
        Set<String> hashes = Set.of(
                new CanonicalForm("kind").text("ab").text("c").hash().hex(),
                new CanonicalForm("kind").text("a").text("bc").hash().hex(),
                new CanonicalForm("kind").texts(List.of("a", "bc")).hash().hex(),
                new CanonicalForm("kind").texts(List.of("a")).text("bc").hash().hex(),
                new CanonicalForm("kind").text("").text("abc").hash().hex(),
                new CanonicalForm("kind").optionalText(null).hash().hex(),
                new CanonicalForm("kind").optionalText("").hash().hex(),
                new CanonicalForm("kinda").text("b").text("c").hash().hex());

        assertThat(hashes).hasSize(8);
    }

    private static AnyValue nan(long bits) {
        return AnyValue.newBuilder()
                .setDoubleValue(Double.longBitsToDouble(bits))
                .build();
    }

    private static String hash(List<KeyValue> attributes) {
        return new CanonicalForm("test").attributes(attributes).hash().hex();
    }
}
