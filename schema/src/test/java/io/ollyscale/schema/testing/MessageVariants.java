package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Messages that differ from a given one in one place, by the path of the place. */
public final class MessageVariants {

    /** A number that no field has. */
    private static final int UNKNOWN = 1000;

    /**
     * A message that differs from a given one in one field.
     *
     * @param path where, and how
     */
    public record Variant(String path, FieldDescriptor field, Message message) {
        @Override
        public String toString() {
            return path;
        }
    }

    private MessageVariants() {}

    /** Without one of the fields that are set, at any depth. */
    public static <M extends Message> Map<String, M> withoutOneField(M message) {
        return of(message, (at, variants) -> {
            for (FieldDescriptor field : at.message().getAllFields().keySet()) {
                variants.accept(
                        "." + field.getName(),
                        at.message().toBuilder().clearField(field).build());
            }
        });
    }

    /**
     * With one of the fields that are set unset, empty, or of another value, at any depth; each is another message. Texts differ
     * by a U+0000 and by what columns hold in its place, doubles by the last bit, NaNs by their payload, lists by an element and
     * by their order.
     */
    public static List<Variant> withOneFieldChanged(Message message) {
        List<Variant> variants = new ArrayList<>();
        walk(
                new Place(message.getDescriptorForType().getName(), message, changed -> changed),
                place -> place.message().getAllFields().forEach((field, value) -> {
                    String path = place.path() + "." + field.getName();
                    BiConsumer<String, Object> add = (how, changed) -> {
                        Message.Builder builder = place.message().toBuilder().clearField(field);
                        if (changed != null) {
                            builder.setField(field, changed);
                        }
                        if (!builder.build()
                                .toByteString()
                                .equals(place.message().toByteString())) {
                            variants.add(new Variant(
                                    path + " " + how, field, place.rebuild().apply(builder.build())));
                        }
                    };
                    add.accept("unset", null);
                    if (value instanceof List<?> elements) {
                        changeElements(field, elements, add);
                    } else {
                        if (field.hasPresence()) {
                            add.accept("empty", defaultOf(place.message(), field));
                        }
                        otherValues(field, value).forEach((how, other) -> add.accept(how, other));
                    }
                }));
        return variants;
    }

    private static void changeElements(FieldDescriptor field, List<?> elements, BiConsumer<String, Object> add) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            return;
        }
        for (int i = 0; i < elements.size(); i++) {
            int index = i;
            otherValues(field, elements.get(i)).forEach((how, other) -> {
                List<Object> changed = new ArrayList<>(elements);
                changed.set(index, other);
                add.accept("[" + index + "] " + how, changed);
            });
        }
        List<Object> more = new ArrayList<>(elements);
        more.add(elements.get(0));
        add.accept("with one more", more);
        List<Object> reversed = new ArrayList<>(elements);
        Collections.reverse(reversed);
        add.accept("reversed", reversed);
    }

    private static Object defaultOf(Message message, FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                ? message.newBuilderForType().newBuilderForField(field).build()
                : field.getDefaultValue();
    }

    /** By what makes them other ones; none of a message, in which fields are changed themselves. */
    private static Map<String, Object> otherValues(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT -> Map.of("+ 1", (int) value + 1, "negated", ~(int) value);
            case LONG -> Map.of("+ 1", (long) value + 1, "negated", ~(long) value);
            case DOUBLE -> {
                long bits = Double.doubleToRawLongBits((double) value);
                yield Map.of(
                        "with another last bit",
                        Double.longBitsToDouble(bits ^ 1),
                        "-0",
                        -0.0,
                        "NaN",
                        Double.NaN,
                        "NaN with a payload",
                        Double.longBitsToDouble(0x7ff800000000beefL));
            }
            case BOOLEAN -> Map.of("negated", !(boolean) value);
            case STRING ->
                Map.of(
                        "with x",
                        value + "x",
                        "with U+0000",
                        value + "\0",
                        "with U+2400",
                        value + "\u2400",
                        "in $",
                        "$" + value);
            case BYTE_STRING -> Map.of("with a zero", ((ByteString) value).concat(ByteString.copyFrom(new byte[1])));
            case ENUM -> Map.of("unknown", field.getEnumType().findValueByNumberCreatingIfUnknown(99));
            case MESSAGE -> Map.of();
            case FLOAT -> throw new IllegalArgumentException("OTLP has no field of type " + field.getType());
        };
    }

    /** With a field of an unknown number in one of the messages. */
    public static <M extends Message> Map<String, M> withAnUnknownField(M message) {
        return of(message, (at, variants) -> variants.accept("", with(at.message(), UNKNOWN, varint())));
    }

    /** With a field of a known number in one of the messages, which has another wire type than the specification's. */
    public static <M extends Message> Map<String, M> withAnotherWireType(M message) {
        return of(message, (at, variants) -> {
            for (FieldDescriptor field : at.message().getDescriptorForType().getFields()) {
                UnknownFieldSet.Field wrong = field.getLiteType().getWireType() == 0
                        ? UnknownFieldSet.Field.newBuilder().addFixed32(1).build()
                        : varint();
                variants.accept("." + field.getName(), with(at.message(), field.getNumber(), wrong));
            }
        });
    }

    /** All fields of a message and of those within it, whether they are set or not. */
    public static Set<FieldDescriptor> fields(Descriptor message) {
        Set<FieldDescriptor> fields = new HashSet<>();
        for (FieldDescriptor field : message.getFields()) {
            collect(field, fields);
        }
        return fields;
    }

    /** The fields that are set in a message or in one within it. */
    public static Set<FieldDescriptor> fieldsSet(Message message) {
        Set<FieldDescriptor> fields = new HashSet<>();
        walk(
                new Place("", message, changed -> changed),
                place -> fields.addAll(place.message().getAllFields().keySet()));
        return fields;
    }

    private static void collect(FieldDescriptor field, Set<FieldDescriptor> fields) {
        if (fields.add(field) && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            field.getMessageType().getFields().forEach(inner -> collect(inner, fields));
        }
    }

    @SuppressWarnings("unchecked")
    private static <M extends Message> Map<String, M> of(
            M root, BiConsumer<Place, BiConsumer<String, Message>> changes) {
        Map<String, M> variants = new LinkedHashMap<>();
        walk(
                new Place(root.getDescriptorForType().getName(), root, changed -> changed),
                place -> changes.accept(
                        place,
                        (name, changed) -> variants.put(
                                place.path() + name, (M) place.rebuild().apply(changed))));
        return variants;
    }

    private static void walk(Place place, Consumer<Place> visitor) {
        visitor.accept(place);
        place.message().getAllFields().forEach((field, value) -> {
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                return;
            }
            String path = place.path() + "." + field.getName();
            if (field.isRepeated()) {
                List<?> elements = (List<?>) value;
                for (int i = 0; i < elements.size(); i++) {
                    int index = i;
                    walk(
                            new Place(
                                    path + "[" + i + "]",
                                    (Message) elements.get(i),
                                    changed -> place.rebuild()
                                            .apply(place.message().toBuilder()
                                                    .setRepeatedField(field, index, changed)
                                                    .build())),
                            visitor);
                }
            } else {
                walk(
                        new Place(
                                path,
                                (Message) value,
                                changed -> place.rebuild()
                                        .apply(place.message().toBuilder()
                                                .setField(field, changed)
                                                .build())),
                        visitor);
            }
        });
    }

    private static Message with(Message message, int number, UnknownFieldSet.Field field) {
        return message.toBuilder()
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().addField(number, field).build())
                .build();
    }

    private static UnknownFieldSet.Field varint() {
        return UnknownFieldSet.Field.newBuilder().addVarint(1).build();
    }

    private record Place(String path, Message message, UnaryOperator<Message> rebuild) {}
}
