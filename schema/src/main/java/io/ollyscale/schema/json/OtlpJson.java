package io.ollyscale.schema.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.ollyscale.schema.json.OtlpJsonException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads OTLP/JSON: {@code TracesData}, {@code LogsData} or {@code MetricsData}, which have the same JSON as the
 * {@code Export…ServiceRequest}s.
 *
 * <p>By the OTLP specification: ids are hex of either case, enums integers only, keys lowerCamelCase, unknown keys are
 * ignored. Everything else follows ProtoJSON: other bytes are base64, integers and doubles may be strings, {@code null}
 * is the default of a field but no element of a list. Stricter than either where leniency would lose data: one document,
 * no name twice, no two members of a oneof, valid UTF-8. A byte order mark is passed over, as RFC 8259 allows: it says
 * nothing, so that the document is taken exactly all the same.
 *
 * <p>Instances are immutable and may be shared by threads.
 */
public final class OtlpJson {

    /** A message and how many keys of its document no field has; their values are not in the message. */
    public record Document<M extends Message>(M message, int unknownKeys) {}

    private static final Set<String> SIGNAL_KEYS =
            Set.of("resourceSpans", "resourceLogs", "resourceMetrics", "resourceProfiles");
    private static final Set<String> ID_FIELDS = Set.of("trace_id", "span_id", "parent_span_id");
    private static final Map<Descriptor, Map<String, FieldDescriptor>> FIELDS = new ConcurrentHashMap<>();

    /** No field's is near. The parser remembers thousands of names from document to document, however long they are. */
    private static final int MAX_NAME_LENGTH = 1_000;

    /** What a parser looks at to tell UTF-16 and UTF-32 from UTF-8. */
    private static final int ENCODING_BYTES = 4;

    private final JsonFactory factory;
    private final int maxNesting;
    private final int maxMessages;
    private final long maxNumbers;

    /**
     * Takes any number of messages and numbers.
     *
     * @param maxNesting how deep messages may be nested, counted as protobuf's recursion limit: not the outermost one
     */
    public OtlpJson(int maxNesting) {
        this(maxNesting, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * @param maxNesting how deep messages may be nested, counted as protobuf's recursion limit: not the outermost one
     * @param maxMessages how many messages there may be, not counting the outermost one: an empty one takes three bytes in a
     *     list and a hundred in memory
     * @param maxNumbers how many elements of lists there may be that aren't messages: a number takes two bytes and, while its
     *     list grows, up to 20 in memory
     */
    public OtlpJson(int maxNesting, int maxMessages, long maxNumbers) {
        this.maxNesting = maxNesting;
        this.maxMessages = maxMessages;
        this.maxNumbers = maxNumbers;
        this.factory = JsonFactory.builder()
                // Records are as long as Kafka lets them be. A message is at most an array and an object deep.
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(MAX_NAME_LENGTH)
                        .maxNestingDepth(2 * (maxNesting + 1))
                        .build())
                // Unknown keys are foreign text: not for the JVM's intern table, and free to collide.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                .build();
    }

    /**
     * Parses one document. No bytes at all are the empty message.
     *
     * @param json UTF-8, not modified
     * @param type the default instance of the message that is expected
     * @throws OtlpJsonException if the input is anything else
     */
    public <M extends Message> Document<M> parse(byte[] json, M type) throws OtlpJsonException {
        if (json.length == 0) {
            return new Document<>(type, 0);
        }
        // Jackson lets encoded surrogates and overlong forms pass.
        if (!UnsafeByteOperations.unsafeWrap(json).isValidUtf8()) {
            throw new OtlpJsonException(Reason.INVALID_UTF8, "input that isn't UTF-8", "", 0, null);
        }
        // UTF-16 of ASCII is valid UTF-8 too, and Jackson would read it as what it was meant to be.
        if (hasNulAtStart(json)) {
            throw new OtlpJsonException(Reason.MALFORMED, "JSON in another encoding than UTF-8", "", 0, null);
        }
        try (JsonParser parser = factory.createParser(json)) {
            Reader reader = new Reader(parser);
            Message message = reader.document(type);
            @SuppressWarnings("unchecked") // a builder of type builds what type is
            M result = (M) message;
            return new Document<>(result, reader.unknownKeys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it is hex; other bytes are base64. */
    static boolean isId(FieldDescriptor field) {
        return ID_FIELDS.contains(field.getName());
    }

    private static boolean hasNulAtStart(byte[] json) {
        for (int i = 0; i < Math.min(ENCODING_BYTES, json.length); i++) {
            if (json[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, FieldDescriptor> fields(Descriptor type) {
        return FIELDS.computeIfAbsent(type, t -> {
            Map<String, FieldDescriptor> byName = new HashMap<>();
            t.getFields().forEach(field -> byName.put(field.getJsonName(), field));
            return Map.copyOf(byName);
        });
    }

    /** The state of one document. */
    private final class Reader {
        private final JsonParser parser;
        private int unknownKeys;
        private int messages;
        private long numbers;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        Message document(Message type) throws OtlpJsonException, IOException {
            try {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw problem(Reason.MALFORMED, "a JSON object is expected");
                }
                Message message = object(type.newBuilderForType(), 0);
                requireEnd();
                return message;
            } catch (JacksonException e) {
                throw problem(e);
            }
        }

        private void requireEnd() throws OtlpJsonException, IOException {
            JsonToken next;
            try {
                next = parser.nextToken();
            } catch (JacksonException e) {
                throw problem(Reason.TRAILING_INPUT, "input after the document", e);
            }
            if (next != null) {
                throw problem(Reason.TRAILING_INPUT, "input after the document");
            }
        }

        /** The parser stands on the start of the object, and on its end afterwards. */
        private Message object(Message.Builder builder, int depth) throws OtlpJsonException, IOException {
            if (depth > maxNesting) {
                throw problem(Reason.NESTING, "messages nested more than " + maxNesting + " deep");
            }
            Map<String, FieldDescriptor> fields = fields(builder.getDescriptorForType());
            long seen = 0;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                FieldDescriptor field = fields.get(name);
                if (field == null) {
                    if (depth == 0 && SIGNAL_KEYS.contains(name)) {
                        throw problem(Reason.OTHER_SIGNAL, "the document of another signal");
                    }
                    if (builder.getDescriptorForType().findFieldByName(name) != null) {
                        // To be ignored, it would be a value that is missing.
                        throw problem(
                                Reason.INVALID_VALUE, "protobuf's name of a field, where OTLP/JSON has lowerCamelCase");
                    }
                    unknownKeys++;
                    parser.nextToken();
                    parser.skipChildren();
                    continue;
                }
                // No message of OTLP has anywhere near 64 fields.
                long bit = 1L << field.getIndex();
                if ((seen & bit) != 0) {
                    throw problem(Reason.DUPLICATE, "a name that occurs twice");
                }
                seen |= bit;
                if (parser.nextToken() != JsonToken.VALUE_NULL) {
                    member(builder, field, depth);
                }
            }
            return builder.build();
        }

        private void member(Message.Builder builder, FieldDescriptor field, int depth)
                throws OtlpJsonException, IOException {
            if (field.isRepeated()) {
                require(JsonToken.START_ARRAY, "a list is expected");
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE && numbers++ == maxNumbers) {
                        throw problem(Reason.TOO_MANY, "more than " + maxNumbers + " elements of lists");
                    }
                    builder.addRepeatedField(field, value(builder, field, depth));
                }
                return;
            }
            if (field.getContainingOneof() != null && builder.hasOneof(field.getContainingOneof())) {
                throw problem(Reason.DUPLICATE, "two of the members that exclude each other");
            }
            builder.setField(field, value(builder, field, depth));
        }

        private Object value(Message.Builder builder, FieldDescriptor field, int depth)
                throws OtlpJsonException, IOException {
            switch (field.getType()) {
                case MESSAGE:
                    require(JsonToken.START_OBJECT, "an object is expected");
                    if (messages++ == maxMessages) {
                        throw problem(Reason.TOO_MANY, "more than " + maxMessages + " messages");
                    }
                    return object(builder.newBuilderForField(field), depth + 1);
                case STRING:
                    return text("a string is expected");
                case BYTES:
                    return bytes(field);
                case BOOL:
                    if (!parser.currentToken().isBoolean()) {
                        throw problem(Reason.INVALID_VALUE, "true or false is expected");
                    }
                    return parser.getBooleanValue();
                case ENUM:
                    if (parser.currentToken() == JsonToken.VALUE_STRING) {
                        throw problem(Reason.INVALID_VALUE, "an enum is a number in OTLP, never a name");
                    }
                    return field.getEnumType().findValueByNumberCreatingIfUnknown(number(Scalars::int32));
                default:
                    return number(field);
            }
        }

        private Object number(FieldDescriptor field) throws OtlpJsonException, IOException {
            return switch (field.getType()) {
                case DOUBLE -> number(Scalars::float64);
                case INT32, SINT32, SFIXED32 -> number(Scalars::int32);
                case UINT32, FIXED32 -> number(Scalars::uint32);
                case INT64, SINT64, SFIXED64 -> number(Scalars::int64);
                case UINT64, FIXED64 -> number(Scalars::uint64);
                default -> throw new IllegalStateException("OTLP has no field of type " + field.getType());
            };
        }

        private <T> T number(ScalarReader<T> reader) throws OtlpJsonException, IOException {
            JsonToken token = parser.currentToken();
            if (!token.isNumeric() && token != JsonToken.VALUE_STRING) {
                throw problem(Reason.INVALID_VALUE, "a number is expected");
            }
            try {
                return reader.read(parser.getText());
            } catch (IllegalArgumentException e) {
                throw problem(Reason.INVALID_VALUE, e.getMessage(), e);
            }
        }

        private Object bytes(FieldDescriptor field) throws OtlpJsonException, IOException {
            boolean id = isId(field);
            String text = text(id ? "a hex string is expected" : "a base64 string is expected");
            try {
                return id ? Scalars.id(text) : Scalars.base64(text);
            } catch (IllegalArgumentException e) {
                throw problem(id ? Reason.INVALID_ID : Reason.INVALID_VALUE, e.getMessage(), e);
            }
        }

        private String text(String expectation) throws OtlpJsonException, IOException {
            require(JsonToken.VALUE_STRING, expectation);
            String text = parser.getText();
            if (hasLoneSurrogate(text)) {
                throw problem(Reason.INVALID_UTF8, "half of a surrogate pair, which UTF-8 can't hold");
            }
            return text;
        }

        private void require(JsonToken token, String expectation) throws OtlpJsonException {
            if (parser.currentToken() != token) {
                throw problem(Reason.INVALID_VALUE, expectation);
            }
        }

        private OtlpJsonException problem(JacksonException e) {
            boolean tooDeep = parser.getParsingContext().getNestingDepth()
                    > parser.streamReadConstraints().getMaxNestingDepth();
            if (tooDeep) {
                return problem(Reason.NESTING, "values nested too deep", e);
            }
            return e instanceof StreamConstraintsException
                    ? problem(Reason.TOO_MANY, "a name or number of too many characters", e)
                    : problem(Reason.MALFORMED, "broken JSON", e);
        }

        private OtlpJsonException problem(Reason reason, String what) {
            return problem(reason, what, null);
        }

        private OtlpJsonException problem(Reason reason, String what, Throwable cause) {
            String pointer = parser.getParsingContext().pathAsPointer().toString();
            return new OtlpJsonException(
                    reason, what, printable(pointer), parser.currentLocation().getByteOffset(), cause);
        }
    }

    @FunctionalInterface
    private interface ScalarReader<T> {
        T read(String text);
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (!pair) {
                return true;
            }
            i++;
        }
        return false;
    }

    /** Keys of the input are foreign text, and the pointer of a deep value is long. */
    private static String printable(String pointer) {
        String cut = pointer.length() <= 200 ? pointer : "…" + pointer.substring(pointer.length() - 200);
        return cut.replaceAll("\\p{Cc}", "?");
    }
}
