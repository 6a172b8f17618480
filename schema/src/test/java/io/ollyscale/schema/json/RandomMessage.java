package io.ollyscale.schema.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Random;

/** Any message of OTLP, by its descriptor: every field is set as often as not, with odd values. */
final class RandomMessage {
    private static final List<Double> DOUBLES = List.of(
            0.0,
            -0.0,
            0.1,
            1e7,
            1e21,
            -1e-7,
            2e-3,
            2.2250738585072014E-308,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY);
    private static final List<String> TEXT = List.of("a", "\0", "\"", "\\", "\n", "\u001f", "\u2028", "é", "€", "😀");

    private final Random random;

    RandomMessage(long seed) {
        random = new Random(seed);
    }

    /** @param levels how deep messages may be nested within it */
    <M extends Message> M like(M type, int levels) {
        @SuppressWarnings("unchecked") // a builder of type builds what type is
        M message = (M) message(type.newBuilderForType(), levels);
        return message;
    }

    private Message message(Message.Builder builder, int levels) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            // Of a oneof's members the last one that is chosen stays.
            if (random.nextBoolean() || (message && levels == 0)) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    builder.addRepeatedField(field, value(builder, field, levels));
                }
            } else {
                builder.setField(field, value(builder, field, levels));
            }
        }
        return builder.build();
    }

    private Object value(Message.Builder builder, FieldDescriptor field, int levels) {
        return switch (field.getJavaType()) {
            case MESSAGE -> message(builder.newBuilderForField(field), levels - 1);
            case STRING -> text();
            case BYTE_STRING -> bytes();
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt() >> random.nextInt(32);
            case LONG -> random.nextLong() >> random.nextInt(64);
            case DOUBLE -> number();
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(random.nextInt(30) - 5);
            case FLOAT -> throw new IllegalStateException("OTLP has no " + field);
        };
    }

    private double number() {
        double bits = Double.longBitsToDouble(random.nextLong());
        return random.nextBoolean() && !Double.isNaN(bits) ? bits : DOUBLES.get(random.nextInt(DOUBLES.size()));
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(TEXT.get(random.nextInt(TEXT.size())));
        }
        return text.toString();
    }

    private ByteString bytes() {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
