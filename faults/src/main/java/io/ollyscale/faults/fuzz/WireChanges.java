package io.ollyscale.faults.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Changes a protobuf message field by field, so that what comes out is mostly a message again. Reads leniently: what isn't one
 * is cut where it breaks, so that blindly mutated bytes are repaired.
 */
final class WireChanges {
    /** Deeper ones stay bytes; beyond every limit of a variant that small messages reach. */
    private static final int DEEPEST = 200;

    /** A message isn't blown up beyond this, in fields. */
    private static final int MOST_FIELDS = 2_000;

    /** Of each message; its content is written through it. */
    private static final int WRITE_BUFFER = 64;

    private static final long[] NUMBERS = {
        0,
        1,
        2,
        99,
        127,
        128,
        999,
        1000,
        0x7fffffffL,
        0x80000000L,
        0xffffffffL,
        1L << 32,
        -1,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        1_760_000_000_000_000_000L,
        0x7ff0000000000000L,
        0xfff0000000000000L,
        0x7ff8000000000000L,
        0x7ff800000000beefL,
        0x3ff0000000000000L,
        0x0000000000000001L,
        0x7fefffffffffffffL
    };

    private static final byte[][] TEXTS = {
        {},
        ascii("a"),
        ascii("service.name"),
        ascii("http.route"),
        ascii("test.number"),
        ascii("drop.this"),
        ascii("$string"),
        ascii("$list"),
        ascii("{\"a\":1}"),
        ascii("\\u0000"),
        {'a', 0, 'b'},
        {0},
        "\u2400 \u00e9 \ud83d\ude00".getBytes(StandardCharsets.UTF_8),
        "\u0001\u001f\u007f\u0085\u2028\ufffe".getBytes(StandardCharsets.UTF_8),
        new byte[16],
        new byte[33],
        filled(1_024),
        filled(1_025),
        // Neither is UTF-8: a byte alone, an overlong form, half of a surrogate pair, beyond the last code point, cut
        // off.
        {(byte) 0xff},
        {(byte) 0xc0, (byte) 0x80},
        {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
        {'a', (byte) 0xe2, (byte) 0x82}
    };

    private final Signal signal;
    private final Random random;
    private final List<Node> nodes = new ArrayList<>();
    private int fields;

    WireChanges(Signal signal, Random random) {
        this.signal = signal;
        this.random = random;
    }

    /** A message as the fields that it has on the wire. */
    private static final class Node {
        private final Descriptor type;
        private final List<Field> fields = new ArrayList<>();

        Node(Descriptor type) {
            this.type = type;
        }
    }

    /**
     * @param scalar of a varint, fixed64 or fixed32
     * @param bytes of a length-delimited field that isn't read as a message; else null
     * @param message of one that is; else null
     */
    private record Field(int number, int wireType, long scalar, byte[] bytes, Node message) {}

    /** @param changes how many; with none the message is only repaired */
    byte[] apply(byte[] message, int changes) {
        Node root = read(message, signal.message().getDescriptorForType(), 0);
        for (int i = 0; i < changes; i++) {
            nodes.clear();
            fields = 0;
            collect(root);
            if (fields > MOST_FIELDS) {
                break;
            }
            change(nodes.get(random.nextInt(nodes.size())));
        }
        byte[] changed = write(root);
        return changes > 0 && oneIn(40) ? broken(changed) : changed;
    }

    private void collect(Node node) {
        nodes.add(node);
        fields += node.fields.size();
        for (Field field : node.fields) {
            if (field.message() != null) {
                collect(field.message());
            }
        }
    }

    private void change(Node node) {
        if (node.fields.isEmpty() || oneIn(4)) {
            add(node);
            return;
        }
        int at = random.nextInt(node.fields.size());
        Field field = node.fields.get(at);
        switch (random.nextInt(10)) {
            case 0 -> node.fields.remove(at);
            case 1 -> {
                for (int copies = oneIn(8) ? 40 : 1; copies > 0 && fields < MOST_FIELDS; copies--) {
                    node.fields.add(random.nextInt(node.fields.size() + 1), field);
                }
            }
            case 2 -> splice(node, at);
            case 3 -> node.fields.add(node.fields.remove(at));
            case 4 -> {
                if (oneIn(4)) {
                    node.fields.set(at, oddField(field));
                }
            }
            case 5 -> nest(node);
            default -> node.fields.set(at, withOtherContent(field));
        }
    }

    /** A field that the message's type has. */
    private void add(Node node) {
        List<FieldDescriptor> known = node.type.getFields();
        if (known.isEmpty()) {
            return;
        }
        FieldDescriptor field = known.get(random.nextInt(known.size()));
        boolean refused = field.getName().endsWith("_strindex");
        if (refused && !oneIn(10)) {
            return;
        }
        node.fields.add(random.nextInt(node.fields.size() + 1), fieldOf(field));
    }

    private Field fieldOf(FieldDescriptor field) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            Node empty = new Node(field.getMessageType());
            if (!oneIn(3)) {
                add(empty);
            }
            return new Field(field.getNumber(), WireFormat.WIRETYPE_LENGTH_DELIMITED, 0, null, empty);
        }
        int wireType = field.getLiteType().getWireType();
        return wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED
                ? new Field(field.getNumber(), wireType, 0, text(), null)
                : new Field(field.getNumber(), wireType, number(), null, null);
    }

    /** Replaces a field's message by another one of its type, wherever that is. */
    private void splice(Node node, int at) {
        Field field = node.fields.get(at);
        if (field.message() == null) {
            return;
        }
        List<Node> alike = nodes.stream()
                .filter(other -> other.type == field.message().type)
                .toList();
        // A copy: a message within itself would have no end.
        byte[] copy = write(alike.get(random.nextInt(alike.size())));
        node.fields.set(at, new Field(field.number(), field.wireType(), 0, null, read(copy, field.message().type, 0)));
    }

    private Field oddField(Field field) {
        return switch (random.nextInt(3)) {
            // Of a newer OTLP, or of another signal.
            case 0 ->
                new Field(
                        oneIn(2) ? 1_000 : 1 + random.nextInt(30),
                        field.wireType(),
                        field.scalar(),
                        field.bytes(),
                        field.message());
            case 1 -> new Field(field.number(), WireFormat.WIRETYPE_FIXED32, number(), null, null);
            default ->
                field.wireType() == WireFormat.WIRETYPE_VARINT
                        ? new Field(field.number(), WireFormat.WIRETYPE_FIXED64, number(), null, null)
                        : new Field(field.number(), WireFormat.WIRETYPE_VARINT, number(), null, null);
        };
    }

    private Field withOtherContent(Field field) {
        if (field.message() != null) {
            return oneIn(4)
                    ? new Field(field.number(), field.wireType(), 0, null, new Node(field.message().type))
                    : field;
        }
        if (field.bytes() == null) {
            long scalar = oneIn(2) ? number() : field.scalar() ^ (1L << random.nextInt(64));
            return new Field(field.number(), field.wireType(), scalar, null, null);
        }
        byte[] bytes = field.bytes().clone();
        if (bytes.length > 0 && oneIn(2)) {
            bytes[random.nextInt(bytes.length)] =
                    oneIn(4) ? (byte) random.nextInt() : (byte) (' ' + random.nextInt(95));
        } else {
            bytes = text();
        }
        return new Field(field.number(), field.wireType(), 0, bytes, null);
    }

    /** Puts arrays or kvlists around a value, up to a limit or over it. */
    private void nest(Node node) {
        if (node.type != AnyValue.getDescriptor()) {
            return;
        }
        int[] levels = {1, 2, 3, 4, 5, 15, 16, 17, 127, 128, 129, 140};
        int count = levels[random.nextInt(oneIn(4) ? levels.length : 5)];
        for (int level = 0; level < count; level++) {
            Node inner = new Node(node.type);
            inner.fields.addAll(node.fields);
            node.fields.clear();
            boolean array = random.nextBoolean();
            FieldDescriptor way = node.type.findFieldByNumber(
                    array ? AnyValue.ARRAY_VALUE_FIELD_NUMBER : AnyValue.KVLIST_VALUE_FIELD_NUMBER);
            Node list = new Node(way.getMessageType());
            if (array) {
                list.fields.add(message(1, inner));
            } else {
                Node entry = new Node(KeyValue.getDescriptor());
                entry.fields.add(message(KeyValue.VALUE_FIELD_NUMBER, inner));
                list.fields.add(message(1, entry));
            }
            node.fields.add(message(way.getNumber(), list));
        }
    }

    private static Field message(int number, Node message) {
        return new Field(number, WireFormat.WIRETYPE_LENGTH_DELIMITED, 0, null, message);
    }

    /** A byte changed, or the end cut off, whatever stood there. */
    private byte[] broken(byte[] message) {
        if (message.length == 0) {
            return message;
        }
        int at = random.nextInt(message.length);
        if (random.nextBoolean()) {
            return Arrays.copyOf(message, at);
        }
        byte[] broken = message.clone();
        broken[at] ^= (byte) (1 << random.nextInt(8));
        return broken;
    }

    private long number() {
        return oneIn(4) ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    /** Mostly UTF-8. */
    private byte[] text() {
        int valid = TEXTS.length - 5;
        return TEXTS[random.nextInt(oneIn(10) ? TEXTS.length : valid)];
    }

    private boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    private static Node read(byte[] bytes, Descriptor type, int depth) {
        Node node = new Node(type);
        CodedInputStream input = CodedInputStream.newInstance(bytes);
        try {
            for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                Field field = read(input, bytes.length, tag, type, depth);
                if (field == null) {
                    break;
                }
                node.fields.add(field);
            }
        } catch (IOException e) {
            // Broken from here on: what was read so far is the message.
            return node;
        }
        return node;
    }

    /** Null at what no message has. */
    private static Field read(CodedInputStream input, int end, int tag, Descriptor type, int depth) throws IOException {
        int number = WireFormat.getTagFieldNumber(tag);
        int wireType = WireFormat.getTagWireType(tag);
        switch (wireType) {
            case WireFormat.WIRETYPE_VARINT:
                return new Field(number, wireType, input.readRawVarint64(), null, null);
            case WireFormat.WIRETYPE_FIXED64:
                return new Field(number, wireType, input.readRawLittleEndian64(), null, null);
            case WireFormat.WIRETYPE_FIXED32:
                return new Field(number, wireType, input.readRawLittleEndian32(), null, null);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED:
                int length = input.readRawVarint32();
                byte[] content = input.readRawBytes(Math.max(0, Math.min(length, end - input.getTotalBytesRead())));
                FieldDescriptor field = type.findFieldByNumber(number);
                boolean isMessage =
                        field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth < DEEPEST;
                return isMessage
                        ? new Field(number, wireType, 0, null, read(content, field.getMessageType(), depth + 1))
                        : new Field(number, wireType, 0, repaired(content, field), null);
            default:
                return null;
        }
    }

    /** A text that isn't UTF-8 would be all that the message is refused for. */
    private static byte[] repaired(byte[] content, FieldDescriptor field) {
        return field == null
                        || field.getType() != FieldDescriptor.Type.STRING
                        || ByteString.copyFrom(content).isValidUtf8()
                ? content
                : new String(content, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] write(Node node) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream output = CodedOutputStream.newInstance(bytes, WRITE_BUFFER);
        try {
            for (Field field : node.fields) {
                output.writeTag(field.number(), field.wireType());
                switch (field.wireType()) {
                    case WireFormat.WIRETYPE_VARINT -> output.writeUInt64NoTag(field.scalar());
                    case WireFormat.WIRETYPE_FIXED64 -> output.writeFixed64NoTag(field.scalar());
                    case WireFormat.WIRETYPE_FIXED32 -> output.writeFixed32NoTag((int) field.scalar());
                    default ->
                        output.writeByteArrayNoTag(field.message() == null ? field.bytes() : write(field.message()));
                }
            }
            output.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }
}
