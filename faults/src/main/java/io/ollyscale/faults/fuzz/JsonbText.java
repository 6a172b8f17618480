package io.ollyscale.faults.fuzz;

import static io.ollyscale.faults.fuzz.RecordProperties.require;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads JSON as strictly as PostgreSQL's jsonb does, and no key twice: an AssertionError for what it would refuse or change. */
final class JsonbText {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(2_000)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonbText() {}

    /** @param what it is, for the error */
    static void check(String what, String json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME) {
                    checkText(what, parser.getText());
                }
            }
            require(values == 1, "%s is %s JSON values", what, values);
        } catch (IOException e) {
            throw new AssertionError(what + " isn't JSON", e);
        }
    }

    private static void checkText(String what, String text) {
        require(text.indexOf('\0') < 0, "%s has U+0000 in a JSON string", what);
        try {
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new AssertionError(what + " has half of a surrogate pair in a JSON string", e);
        }
    }
}
