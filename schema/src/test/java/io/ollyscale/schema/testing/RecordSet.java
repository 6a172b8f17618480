package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The spans, log records and data points of some messages, each with its resource, its scope, both schema URLs and, of a
 * point, its metric: what must be equal when records went through the tables. Equal are units with the same bytes, so a NaN is
 * one of its payload, and absent isn't empty. No matter are the order of attributes and of a kvlist's entries (but for those of
 * equal keys), the grouping into envelopes, envelopes without a unit, and the order of units. Fields of a newer OTLP count.
 *
 * <p>Keeps the bytes of each unit, so 300,000 spans take some 200 MB. Not thread-safe.
 */
public final class RecordSet {

    /** So many differences are told; those behind them are counted. */
    private static final int TOLD = 5;

    /** And so many characters of each. */
    private static final int LONGEST = 3_000;

    private static final Comparator<KeyValue> BY_KEY = Comparator.comparing(KeyValue::getKey);
    private static final Map<Descriptor, Boolean> HOLDS_ATTRIBUTES = new ConcurrentHashMap<>();

    private final Map<List<Part>, List<Part>> envelopes = new HashMap<>();
    private final Map<Unit, Integer> units = new HashMap<>();
    private long size;

    public static RecordSet of(Message... records) {
        RecordSet set = new RecordSet();
        for (Message record : records) {
            set.add(record);
        }
        return set;
    }

    /** @param record a {@code …Data} message, or an {@code Export…ServiceRequest} */
    public void add(Message record) {
        addUnits(record, List.of());
    }

    /** Number of units. */
    public long size() {
        return size;
    }

    /**
     * What the other one lacks of this and has beyond it, as text: the first few, and how many there are. Nothing if they are
     * equal.
     */
    public List<String> difference(RecordSet other) {
        List<String> missing = beyond(other);
        List<String> extra = other.beyond(this);
        List<String> differences = new ArrayList<>();
        tell("missing", missing, extra, differences);
        tell("extra", extra, missing, differences);
        return differences;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordSet that && units.equals(that.units);
    }

    @Override
    public int hashCode() {
        return units.hashCode();
    }

    @Override
    public String toString() {
        return size + " units";
    }

    private static void tell(String what, List<String> units, List<String> counterparts, List<String> differences) {
        for (String unit : units.subList(0, Math.min(TOLD, units.size()))) {
            differences.add(what + ": " + aroundTheDifference(unit, counterparts));
        }
        if (units.size() > TOLD) {
            differences.add(what + ": " + units.size() + " in all");
        }
    }

    private List<String> beyond(RecordSet other) {
        List<String> beyond = new ArrayList<>();
        units.forEach((unit, count) -> {
            for (int i = other.units.getOrDefault(unit, 0); i < count; i++) {
                // Texts are long, and nobody reads thousands.
                beyond.add(beyond.size() < 10 * TOLD ? unit.toString() : "");
            }
        });
        return beyond;
    }

    /** Cuts off what a unit begins with as the most similar counterpart does. */
    private static String aroundTheDifference(String unit, List<String> counterparts) {
        int common = counterparts.stream()
                .mapToInt(counterpart -> commonPrefix(unit, counterpart))
                .max()
                .orElse(0);
        int from = Math.max(0, common - 200);
        String cut = unit.substring(from, Math.min(unit.length(), from + LONGEST));
        return (from > 0 ? "…" : "") + cut + (from + LONGEST < unit.length() ? "…" : "");
    }

    private static int commonPrefix(String a, String b) {
        int length = Math.min(a.length(), b.length());
        int i = 0;
        while (i < length && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }

    private void addUnits(Message envelope, List<Part> path) {
        for (FieldDescriptor way : OtlpUnits.ways(envelope.getDescriptorForType())) {
            List<?> inner = way.isRepeated()
                    ? (List<?>) envelope.getField(way)
                    : envelope.hasField(way) ? List.of(envelope.getField(way)) : List.of();
            for (Object element : inner) {
                Message message = (Message) element;
                if (OtlpUnits.isUnit(message.getDescriptorForType())) {
                    units.merge(
                            new Unit(envelopes.computeIfAbsent(path, p -> p), Part.of(way, message)), 1, Integer::sum);
                    size++;
                } else {
                    Message.Builder bare = message.toBuilder();
                    OtlpUnits.ways(message.getDescriptorForType()).forEach(bare::clearField);
                    List<Part> innerPath = new ArrayList<>(path);
                    innerPath.add(Part.of(way, bare.build()));
                    addUnits(message, innerPath);
                }
            }
        }
    }

    private static boolean holdsAttributes(Descriptor type) {
        return HOLDS_ATTRIBUTES.computeIfAbsent(
                type,
                t -> MessageVariants.fields(t).stream()
                        .anyMatch(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                                && field.getMessageType() == KeyValue.getDescriptor()));
    }

    /** With sorted attributes; the message itself where they are sorted. */
    static Message canonical(Message message) {
        if (!holdsAttributes(message.getDescriptorForType())
                || (message instanceof KeyValue attribute && isScalar(attribute.getValue()))) {
            return message;
        }
        Message.Builder changed = null;
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            Object value = field.getValue();
            Object canonical = value instanceof List<?> list ? canonical(list) : canonical((Message) value);
            if (canonical != value) {
                changed = changed == null ? message.toBuilder() : changed;
                changed.setField(field.getKey(), canonical);
            }
        }
        return changed == null ? message : changed.build();
    }

    private static boolean isScalar(AnyValue value) {
        return !value.hasArrayValue() && !value.hasKvlistValue();
    }

    private static List<?> canonical(List<?> elements) {
        List<Message> canonical = new ArrayList<>();
        boolean changed = false;
        for (Object element : elements) {
            Message message = canonical((Message) element);
            changed |= message != element;
            canonical.add(message);
        }
        if (elements.get(0) instanceof KeyValue) {
            canonical.sort((a, b) -> BY_KEY.compare((KeyValue) a, (KeyValue) b));
            changed |= !isSame(canonical, elements);
        }
        return changed ? canonical : elements;
    }

    private static boolean isSame(List<?> a, List<?> b) {
        for (int i = 0; i < a.size(); i++) {
            if (a.get(i) != b.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** @param envelopes from the outermost one on, without what is in them */
    private record Unit(List<Part> envelopes, Part unit) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            envelopes.forEach(envelope -> text.append(envelope).append(' '));
            return text.append(unit).toString();
        }
    }

    /**
     * A message, and the field that it was found in.
     *
     * @param bytes instead of the message itself, which takes several times the memory and has all NaNs equal
     */
    private record Part(FieldDescriptor field, ByteString bytes, Message type) {
        static Part of(FieldDescriptor field, Message message) {
            return new Part(field, canonical(message).toByteString(), message.getDefaultInstanceForType());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Part that && field == that.field && bytes.equals(that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * field.getNumber() + bytes.hashCode();
        }

        @Override
        public String toString() {
            try {
                Message message = type.getParserForType().parseFrom(bytes);
                StringBuilder text = new StringBuilder(field.getName()).append(" { ");
                text.append(TextFormat.printer().emittingSingleLine(true).printToString(message));
                // The text doesn't tell one NaN from another.
                return text.append(" } #")
                        .append(Integer.toHexString(bytes.hashCode()))
                        .toString();
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("was written from a message", e);
            }
        }
    }
}
