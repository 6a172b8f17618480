package io.ollyscale.schema.testing;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
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
