package io.ollyscale.schema.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttributePolicyTest {
    private static final String JSON = "{\"resource\":{\"promoted\":{},\"dropped\":[]},"
            + "\"scope\":{\"promoted\":{},\"dropped\":[]},"
            + "\"span\":{\"promoted\":{\"a\":{\"type\":\"int\",\"indexed\":true},"
            + "\"b\":{\"type\":\"string\",\"indexed\":false},\"c\\\"\":{\"type\":\"bool\",\"indexed\":true}},"
            + "\"dropped\":[\"x\",\"y\",\"z\"]},"
            + "\"event\":{\"promoted\":{},\"dropped\":[]},\"link\":{\"promoted\":{},\"dropped\":[]},"
            + "\"log\":{\"promoted\":{\"a\":{\"type\":\"int\",\"indexed\":false}},\"dropped\":[]},"
            + "\"metric\":{\"promoted\":{},\"dropped\":[]},\"exemplar\":{\"promoted\":{},\"dropped\":[]}}";

    @Test
    void equalPoliciesHaveEqualTexts() throws Exception {
        AttributePolicy one = PolicyFiles.parse(
                "span: {a: int, b: {type: string, indexed: false}, 'c\"': bool}\nlog: {a: {type: int, indexed: false}}",
                "span: [x, y, z]");
        AttributePolicy other = PolicyFiles.parse(
                "log: {a: {indexed: false, type: int}}\nspan: {'c\"': {type: bool}, b: {indexed: false, type: string}, a: int}",
                "link: []\nspan: [z, x, y]");

        assertThat(one.toJson()).isEqualTo(JSON);
        assertThat(other.toJson()).isEqualTo(JSON);
        assertThat(other.registered(1, key -> 5).toJson()).isEqualTo(JSON);
    }

    @Test
    void aKeyOfSeveralContextsIsRegisteredOnceForEachType() throws Exception {
        AttributePolicy policy = PolicyFiles.parse(
                "span: {a: int, b: int}\nlog: {a: {type: int, indexed: false}, b: string}\nevent: {a: int}",
                "link: []");

        assertThat(policy.promotedKeys())
                .containsExactly(
                        new PromotedKey("a", ValueType.INT, false, 0),
                        new PromotedKey("b", ValueType.INT, true, 0),
                        new PromotedKey("b", ValueType.STRING, true, 0));
    }

    @Test
    void takesTheIdsOfItsKeys() throws Exception {
        AttributePolicy policy = PolicyFiles.parse("span: {a: int, b: int}\nlog: {a: string}", "span: [c]")
                .registered(1, key -> (key.key() + key.type()).hashCode());

        assertThat(policy.of(AttributeContext.SPAN).promoted().get("a").keyId()).isEqualTo("aINT".hashCode());
        assertThat(policy.of(AttributeContext.LOG).promoted().get("a").keyId()).isEqualTo("aSTRING".hashCode());
        assertThat(policy.of(AttributeContext.SPAN).dropped().entries()).containsExactly("c");
    }

    /** As it is sent to subtasks and kept in their state. */
    @Test
    void isTheSameAfterItsRegisteredText() throws Exception {
        AttributePolicy policy = PolicyFiles.parse(
                        "span: {a: int, b: {type: string, indexed: false}, 'c\"': bool}\nlog: {a: double}\nmetric: {b: bytes}",
                        "span: [x, 'y.*', 'z\"']\nresource: ['*']")
                .registered(42, key -> (key.key() + key.type()).hashCode());

        AttributePolicy read = AttributePolicy.ofRegisteredJson(policy.toRegisteredJson());

        assertThat(read.version()).isEqualTo(42);
        for (AttributeContext context : AttributeContext.values()) {
            assertThat(read.of(context)).isEqualTo(policy.of(context));
        }
        assertThat(read.toJson()).isEqualTo(policy.toJson());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"version\":1,\"span\":{\"promoted\":{\"a\":{\"type\":\"text\",\"indexed\":true,\"id\":1}},\"dropped\":[]}}",
                "{\"version\":1,\"span\":{\"promoted\":{\"a\":{\"type\":\"int\",\"color\":1}},\"dropped\":[]}}",
                "{\"version\":1,\"spam\":{\"promoted\":{},\"dropped\":[]}}"
            })
    void refusesWhatIsNoRegisteredPolicy(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AttributePolicy.ofRegisteredJson(text));
    }

    @Test
    void dropsKeysAndWhatBeginsWithThem() {
        DroppedKeys dropped = DroppedKeys.of(List.of("a", "internal.*", "x*"));

        assertThat(List.of("a", "internal.", "internal.id", "internal.a.b", "x", "xyz"))
                .allMatch(dropped::contains);
        assertThat(List.of("", "aa", "A", "internal", "internals", "my.internal.id", "Internal.id", "*", "b*"))
                .noneMatch(dropped::contains);
    }

    @Test
    void aWildcardAloneDropsEverything() {
        assertThat(List.of("", "a", "*")).allMatch(DroppedKeys.of(List.of("*"))::contains);
    }

    /** It travels to the task managers within the job graph. */
    @Test
    void survivesSerialization() throws Exception {
        AttributePolicy policy =
                PolicyFiles.parse("span: {a: int}", "span: [c]").registered(1, key -> 7);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
            output.writeObject(policy);
        }
        try (ObjectInputStream input = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            AttributePolicy read = (AttributePolicy) input.readObject();

            assertThat(read.of(AttributeContext.SPAN)).isEqualTo(policy.of(AttributeContext.SPAN));
        }
    }
}
