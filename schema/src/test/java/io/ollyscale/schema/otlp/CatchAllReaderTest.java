package io.ollyscale.schema.otlp;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static io.ollyscale.schema.testing.OtlpValues.kvlist;
import static io.ollyscale.schema.testing.OtlpValues.value;
import static io.ollyscale.schema.testing.OtlpValues.withoutValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ollyscale.schema.testing.OtlpValues;
import io.opentelemetry.proto.common.v1.EntityRef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link ValueJsonTest} doesn't show: the reader against JSON that ours isn't the writer of. */
class CatchAllReaderTest {

    @Test
    void readsAttributesAndExactTexts() {
        String json = """
                {"a": {"$list": [1, null, {"$empty": true}]}, "b": null,
                 "$keys": [[{"$string": "YQA="}, 1.0], ["$x", []]], "$fields": {"name": {"$string": "AA=="}, "unit": "s"}}
                """;

        assertThat(CatchAllReader.attributes(json))
                .containsExactly(
                        attribute("a", 1),
                        withoutValue("a"),
                        attribute("a", OtlpValues.EMPTY),
                        withoutValue("b"),
                        attribute("a\0", 1.0),
                        attribute("$x", List.of()));
        assertThat(CatchAllReader.exactTexts(json)).isEqualTo(Map.of("name", "\0", "unit", "s"));
    }

    @Test
    void readsNothingFromNothing() {
        assertThat(CatchAllReader.attributes(null)).isEmpty();
        assertThat(CatchAllReader.attributes("{}")).isEmpty();
        assertThat(CatchAllReader.exactTexts(null)).isEmpty();
        assertThat(CatchAllReader.exactTexts("{\"a\": 1}")).isEmpty();
        assertThat(CatchAllReader.entityRefs(null)).isEmpty();
    }

    @Test
    void readsAValueAlone() {
        assertThat(CatchAllReader.value("[1, \"a\", {\"$bytes\": \"AA==\"}]"))
                .isEqualTo(value(List.of(1, "a", new byte[] {0})));
        assertThat(CatchAllReader.value("{}")).isEqualTo(value(Map.of()));
        assertThat(CatchAllReader.value("{\"$kvlist\": [[\"a\", 1], [\"a\", null]]}"))
                .isEqualTo(kvlist(attribute("a", 1), withoutValue("a")));
        assertThat(CatchAllReader.value("\"text\"")).isEqualTo(value("text"));
    }

    @Test
    void readsEntityRefs() {
        assertThat(CatchAllReader.entityRefs("""
                [{"type": "service", "id_keys": ["a", {"$string": "AA=="}], "schema_url": "u", "description_keys": []}]
                """))
                .containsExactly(EntityRef.newBuilder()
                        .setType("service")
                        .setSchemaUrl("u")
                        .addIdKeys("a")
                        .addIdKeys("\0")
                        .build());
    }

    @Test
    void readsAsDeepAsTheEncoderWrites() {
        int levels = DecodingLimits.DEFAULT.nesting();
        String json = "{\"$kvlist\":[[\"a\",".repeat(levels) + "1" + "]]}".repeat(levels);

        assertThat(CatchAllReader.value(json).getSerializedSize()).isGreaterThan(levels);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CatchAllReader.value("[".repeat(100_000) + "]".repeat(100_000)));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"a\": 1",
                "{} {}",
                "{\"a\": 1, \"a\": 2}",
                "{\"a\": 9223372036854775808}",
                "{\"a\": NaN}",
                "{\"a\": {\"$other\": 1}}",
                "{\"a\": {\"$bytes\": \"AA==\", \"$string\": \"AA==\"}}",
                "{\"a\": {\"$bytes\": 1}}",
                "{\"a\": {\"$bytes\": \"%\"}}",
                "{\"a\": {\"$double\": \"x\"}}",
                "{\"a\": {\"$kvlist\": [[\"a\"]]}}",
                "{\"a\": {\"$kvlist\": [[1, 2]]}}",
                "{\"a\": {\"$kvlist\": {}}}",
                "{\"a\": {\"$list\": 1}}",
                "{\"a\": [null]}",
                "{\"$keys\": [1]}"
            })
    void refusesWhatNobodyWrote(String json) {
        assertThatIllegalArgumentException().isThrownBy(() -> CatchAllReader.attributes(json));
    }
}
