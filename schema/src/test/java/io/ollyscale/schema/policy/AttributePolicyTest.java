package io.ollyscale.schema.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

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
        assertThat(policy.of(AttributeContext.SPAN).dropped()).containsExactly("c");
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
