package io.ollyscale.faults.fuzz;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.util.Arrays;
import java.util.Random;

/**
 * A message and how it is encoded, out of a fuzzer's bytes: {@value #HEADER} of header, then a message to begin with. Any bytes
 * are an input, and the same bytes are always the same one.
 *
 * <p>Bytes that were mutated blindly are hardly ever a message: a single length that is wrong, and all is refused with one and
 * the same reason. So a message that its checksum in the header says to be another one is mostly repaired, and the header may
 * ask for changes that know the encoding.
 *
 * @param message as it stands in Kafka
 */
record FuzzInput(Signal signal, RecordEncoding encoding, EncoderVariant variant, byte[] message) {
    /** Signal and encoding, variant, number of changes, two bytes that choose them, the message's checksum. */
    static final int HEADER = 6;

    private static final int MOST_CHANGES = 7;

    /** Of so many messages that were mutated blindly, one stays as it is. */
    private static final int BROKEN = 16;

    /**
     * Of so many protobuf messages, one is written as JSON: documents of a fuzzer's size hold little, and would all be reached by
     * one signal's.
     */
    private static final int IN_JSON = 3;

    static FuzzInput of(byte[] bytes) {
        byte[] input = bytes.length < HEADER ? Arrays.copyOf(bytes, HEADER) : bytes;
        int kind = Byte.toUnsignedInt(input[0]);
        Signal signal = Signal.values()[kind % 3];
        RecordEncoding encoding = RecordEncoding.values()[kind / 3 % 2];
        EncoderVariant variant = EncoderVariant.values()[Byte.toUnsignedInt(input[1]) % EncoderVariant.values().length];
        byte[] message = Arrays.copyOfRange(input, HEADER, input.length);
        int changes = input[2] & MOST_CHANGES;
        int hash = Arrays.hashCode(message);
        boolean asItIs = input[5] == (byte) hash || Math.floorMod(hash, BROKEN) == 0;
        if (changes == 0 && asItIs) {
            return new FuzzInput(signal, encoding, variant, message);
        }
        int seed = Byte.toUnsignedInt(input[3]) << 8 | Byte.toUnsignedInt(input[4]);
        // Neighbouring seeds of java.util.Random begin with nearly the same numbers.
        Random random = new Random(seed * 0x9e3779b97f4a7c15L);
        if (encoding == RecordEncoding.OTLP_JSON) {
            return new FuzzInput(signal, encoding, variant, new JsonChanges(signal, random).apply(message, changes));
        }
        byte[] changed = new WireChanges(signal, random).apply(message, changes);
        byte[] json = Math.floorMod(hash, IN_JSON) == 1 ? json(signal, changed) : null;
        return json == null
                ? new FuzzInput(signal, encoding, variant, changed)
                : new FuzzInput(
                        signal,
                        RecordEncoding.OTLP_JSON,
                        variant,
                        new JsonChanges(signal, random).apply(json, changes / 2));
    }

    /** Null of what is no message. */
    private static byte[] json(Signal signal, byte[] protobuf) {
        CodedInputStream input = CodedInputStream.newInstance(protobuf);
        input.setRecursionLimit(Integer.MAX_VALUE);
        try {
            return OtlpJsonWriter.write(signal.message().getParserForType().parseFrom(input));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** The input of a message as it is. */
    static byte[] bytes(Signal signal, RecordEncoding encoding, EncoderVariant variant, byte[] message) {
        return bytes(signal, encoding, variant, 0, 0, message);
    }

    /**
     * The input of a message with so many changes.
     *
     * @param changes 0 to {@value #MOST_CHANGES}
     * @param seed of which 16 bits count
     */
    static byte[] bytes(
            Signal signal, RecordEncoding encoding, EncoderVariant variant, int changes, int seed, byte[] message) {
        byte[] bytes = new byte[HEADER + message.length];
        bytes[0] = (byte) (signal.ordinal() + 3 * encoding.ordinal());
        bytes[1] = (byte) variant.ordinal();
        bytes[2] = (byte) changes;
        bytes[3] = (byte) (seed >> 8);
        bytes[4] = (byte) seed;
        bytes[5] = (byte) Arrays.hashCode(message);
        System.arraycopy(message, 0, bytes, HEADER, message.length);
        return bytes;
    }
}
