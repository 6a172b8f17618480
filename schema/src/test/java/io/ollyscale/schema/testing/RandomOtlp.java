package io.ollyscale.schema.testing;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.PromotedKey;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Random records of a signal, by the descriptors of its messages, so that a field of a newer OTLP occurs without anybody's
 * hand: what is absent, empty, at the edge of its type, contradictory or odd, and storable all the same. The same seed gives
 * the same records. Never set are the references into a dictionary, which are refused.
 *
 * <p>{@link MessageVariants#fieldsSet} tells which fields a record has set.
 */
public final class RandomOtlp {
    private static final Set<String> REFUSED = Set.of("string_value_strindex", "key_strindex");

    /** Levels of arrays and kvlists in a value, which is within the limits. */
    private static final int DEPTH = 8;

    private static final Map<Descriptor, AttributeContext> CONTEXTS = Map.of(
            Resource.getDescriptor(), AttributeContext.RESOURCE,
            InstrumentationScope.getDescriptor(), AttributeContext.SCOPE,
            Span.getDescriptor(), AttributeContext.SPAN,
            Span.Event.getDescriptor(), AttributeContext.EVENT,
            Span.Link.getDescriptor(), AttributeContext.LINK,
            LogRecord.getDescriptor(), AttributeContext.LOG,
            Exemplar.getDescriptor(), AttributeContext.EXEMPLAR);

    /** Plain ones, what services are made of, and what the catch-all has other uses for. */
    private static final List<String> KEYS = List.of(
            "k",
            "key",
            "http.route",
            "service.name",
            "service.namespace",
            "service.version",
            "service.instance.id",
            "deployment.environment",
            "",
            "$list",
            "$keys",
            "$fields",
            "$string",
            "$",
            "a\0b",
            "a\u2400b");

    private final Random random;
    private final EdgeValues values;
    private final Message message;

    /** Records with NaNs of every payload, which JSON can't say. */
    public RandomOtlp(long seed, Signal signal) {
        this(seed, signal, true);
    }

    private RandomOtlp(long seed, Signal signal, boolean nanPayloads) {
        random = new Random(seed);
        values = new EdgeValues(random, nanPayloads);
        message = signal.message();
    }

    /** Records that OTLP/JSON can say exactly: a NaN is {@link Double#NaN}. */
    public static RandomOtlp forJson(long seed, Signal signal) {
        return new RandomOtlp(seed, signal, false);
    }

    /**
     * A record of so many units, of several resources, scopes and metrics, and some without any.
     *
     * @return of the signal's type
     */
    public Message record(int units) {
        Message.Builder record = message.newBuilderForType();
        fillEnvelope(record, units);
        return record.build();
    }

    private void fillEnvelope(Message.Builder envelope, int units) {
        Descriptor type = envelope.getDescriptorForType();
        List<FieldDescriptor> ways = OtlpUnits.ways(type);
        for (FieldDescriptor field : type.getFields()) {
            if (!ways.contains(field)) {
                maybeSet(envelope, field);
            }
        }
        FieldDescriptor way = ways.get(random.nextInt(ways.size()));
        if (!way.isRepeated()) {
            if (units > 0 || random.nextBoolean()) {
                Message.Builder inner = envelope.newBuilderForField(way);
                fillEnvelope(inner, units);
                envelope.setField(way, inner.build());
            }
        } else if (OtlpUnits.isUnit(way.getMessageType())) {
            for (int i = 0; i < units; i++) {
                envelope.addRepeatedField(way, unit(envelope, way));
            }
        } else {
            divide(envelope, way, units);
        }
    }

    /** Between several envelopes, some of which are like the one before. */
    private void divide(Message.Builder parent, FieldDescriptor way, int units) {
        int left = units;
        while (left > 0 || oneIn(8)) {
            int part = left == 0 || oneIn(10) ? 0 : 1 + random.nextInt(left);
            Message.Builder envelope = parent.newBuilderForField(way);
            fillEnvelope(envelope, part);
            int before = parent.getRepeatedFieldCount(way);
            if (before > 0 && oneIn(4)) {
                alike(envelope, (Message) parent.getRepeatedField(way, before - 1));
            }
            parent.addRepeatedField(way, envelope.build());
            left -= part;
        }
    }

    /** Gives it what another has, but for the units. */
    private static void alike(Message.Builder envelope, Message other) {
        for (FieldDescriptor field : envelope.getDescriptorForType().getFields()) {
            if (OtlpUnits.isWay(field)) {
                continue;
            }
            envelope.clearField(field);
            if (other.getAllFields().containsKey(field)) {
                envelope.setField(field, other.getField(field));
            }
        }
    }

    /** Some have the attributes of the one before, so that a series has more points than one. */
    private Message unit(Message.Builder envelope, FieldDescriptor way) {
        Message.Builder unit = envelope.newBuilderForField(way);
        fill(unit, 0);
        int before = envelope.getRepeatedFieldCount(way);
        if (before > 0 && oneIn(3)) {
            FieldDescriptor attributes = way.getMessageType().findFieldByName("attributes");
            unit.setField(attributes, ((Message) envelope.getRepeatedField(way, before - 1)).getField(attributes));
        }
        return unit.build();
    }

    private void fill(Message.Builder message, int depth) {
        Descriptor type = message.getDescriptorForType();
        for (OneofDescriptor oneof : type.getRealOneofs()) {
            if (!oneIn(6)) {
                List<FieldDescriptor> members = oneof.getFields().stream()
                        .filter(field -> !REFUSED.contains(field.getName()))
                        .filter(field -> depth < DEPTH || field.getJavaType() != FieldDescriptor.JavaType.MESSAGE)
                        .toList();
                set(message, members.get(random.nextInt(members.size())), depth);
            }
        }
        for (FieldDescriptor field : type.getFields()) {
            if (field.getRealContainingOneof() == null && !REFUSED.contains(field.getName())) {
                maybeSet(message, field, depth);
            }
        }
    }

    private void maybeSet(Message.Builder message, FieldDescriptor field) {
        maybeSet(message, field, 0);
    }

    private void maybeSet(Message.Builder message, FieldDescriptor field, int depth) {
        if (oneIn(4)) {
            return;
        }
        if (field.isRepeated()) {
            addElements(message, field, depth);
        } else if (field.hasPresence() && oneIn(6)) {
            message.setField(field, defaultOf(message, field));
        } else {
            set(message, field, depth);
        }
    }

    private void addElements(Message.Builder message, FieldDescriptor field, int depth) {
        if (isAttributes(field)) {
            attributes(field.getContainingType(), depth).forEach(pair -> message.addRepeatedField(field, pair));
            return;
        }
        int size = oneIn(40) && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE ? 200 : random.nextInt(4);
        for (int i = 0; i < size; i++) {
            message.addRepeatedField(field, value(message, field, depth));
        }
    }

    private void set(Message.Builder message, FieldDescriptor field, int depth) {
        message.setField(field, value(message, field, depth));
    }

    private static Object defaultOf(Message.Builder message, FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                ? message.newBuilderForField(field).build()
                : field.getDefaultValue();
    }

    private Object value(Message.Builder owner, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> values.int32();
            case LONG -> field.getName().endsWith("_unix_nano") ? values.time() : values.int64();
            case DOUBLE -> values.float64();
            case BOOLEAN -> values.bool();
            case STRING -> values.text();
            case BYTE_STRING ->
                switch (field.getName()) {
                    case "trace_id" -> values.id(16);
                    case "span_id", "parent_span_id" -> values.id(8);
                    default -> values.bytes();
                };
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(values.enumNumber(field.getEnumType()));
            case MESSAGE -> {
                if (field.getMessageType() == AnyValue.getDescriptor() && oneIn(40)) {
                    yield deepValue(depth);
                }
                Message.Builder inner = owner.newBuilderForField(field);
                fill(inner, field.getMessageType() == AnyValue.getDescriptor() ? depth + 1 : depth);
                yield inner.build();
            }
            case FLOAT -> throw new IllegalArgumentException("OTLP has no field of type " + field.getType());
        };
    }

    /** One that goes down to the last level. */
    private AnyValue deepValue(int depth) {
        AnyValue value = OtlpValues.value(values.text());
        for (int level = DEPTH; level > depth; level--) {
            value = random.nextBoolean()
                    ? OtlpValues.value(List.of(value))
                    : OtlpValues.kvlist(OtlpValues.attribute(key(null), value));
        }
        return value;
    }

    private static boolean isAttributes(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && field.getMessageType() == KeyValue.getDescriptor();
    }

    private List<KeyValue> attributes(Descriptor owner, int depth) {
        AttributeContext context = CONTEXTS.getOrDefault(owner, AttributeContext.METRIC);
        List<KeyValue> attributes = new ArrayList<>();
        // Long lists are searched for duplicates in another way than short ones.
        int size = depth == 0 && oneIn(60) ? 30 : random.nextInt(depth == 0 ? 6 : 4);
        for (int i = 0; i < size; i++) {
            String key = !attributes.isEmpty() && oneIn(10)
                    ? attributes.get(random.nextInt(attributes.size())).getKey()
                    : key(depth == 0 ? context : null);
            KeyValue.Builder attribute = KeyValue.newBuilder();
            fill(attribute, depth);
            PromotedKey promoted = TestPolicy.POLICY.of(context).promoted().get(key);
            if (promoted != null && !oneIn(4)) {
                attribute.setValue(ofType(promoted));
            }
            attributes.add(attribute.setKey(key).build());
        }
        return attributes;
    }

    /** @param context of the promoted keys among which it may be; null for none */
    private String key(AttributeContext context) {
        if (context != null && oneIn(2)) {
            List<String> promoted = TestPolicy.POLICY.of(context).promoted().keySet().stream()
                    .sorted()
                    .toList();
            return promoted.get(random.nextInt(promoted.size()));
        }
        return switch (random.nextInt(6)) {
            case 0 -> values.text();
            case 1 -> "key " + random.nextInt(1_000);
            default -> KEYS.get(random.nextInt(KEYS.size()));
        };
    }

    private AnyValue ofType(PromotedKey promoted) {
        return switch (promoted.type()) {
            case STRING -> OtlpValues.value(values.text());
            case INT -> OtlpValues.value(values.int64());
            case DOUBLE -> OtlpValues.value(values.float64());
            case BOOL -> OtlpValues.value(values.bool());
            case BYTES -> OtlpValues.value(values.bytes().toByteArray());
        };
    }

    private boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }
}
