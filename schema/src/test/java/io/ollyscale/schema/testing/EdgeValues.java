package io.ollyscale.schema.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Random scalars, most of them at an edge of what their type holds. */
final class EdgeValues {
    private static final int[] INTS = {
        0,
        1,
        -1,
        2,
        20,
        127,
        128,
        255,
        256,
        0x101,
        0xffff,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1,
        -7
    };
    private static final long[] LONGS = {
        0,
        1,
        -1,
        255,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        (1L << 53) - 1,
        (1L << 53) + 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        Integer.MIN_VALUE
    };
    private static final double[] DOUBLES = {
        0.0,
        -0.0,
        1,
        -1,
        0.1,
        0.25,
        1e7,
        1e21,
        1e300,
        -1e300,
        1e-300,
        1.5,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MIN_NORMAL / 2,
        Double.MIN_NORMAL,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        (1L << 53) + 2.0,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
    };

    /** Quiet and signalling ones of either sign. */
    private static final long[] NAN_BITS = {
        0x7ff800000000beefL, 0xfff8000000000000L, 0xfff800000000beefL, 0x7ff0000000000001L, 0xffffffffffffffffL
    };

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "text",
            "a\0b",
            "\0",
            // What a column holds in the place of U+0000.
            "\u2400",
            "a\u2400b\0c",
            "$string",
            "{\"$string\":\"YQBi\"}",
            "\"quoted\" 'and' \\escaped\\",
            "\u0001\u001f\u007f\u0080\t\r\n\b\f",
            "\u00e9e\u0301 \u0436 \u4e2d\u6587",
            "\ud83d\ude00\ud835\udd18",
            "\ufffd\uffff\ufeff\u2028",
            "null",
            "NULL",
            "\\N",
            "\\.",
            "1.5");

    private final Random random;
    private final boolean nanPayloads;

    /** @param nanPayloads whether a NaN may have other bits than {@link Double#NaN}, which JSON can't say */
    EdgeValues(Random random, boolean nanPayloads) {
        this.random = random;
        this.nanPayloads = nanPayloads;
    }

    int int32() {
        return oneIn(4) ? random.nextInt() : INTS[random.nextInt(INTS.length)];
    }

    long int64() {
        return oneIn(4) ? random.nextLong() : LONGS[random.nextInt(LONGS.length)];
    }

    double float64() {
        double value = switch (random.nextInt(8)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextGaussian() * 1_000;
            case 2 -> Double.longBitsToDouble(NAN_BITS[random.nextInt(NAN_BITS.length)]);
            default -> DOUBLES[random.nextInt(DOUBLES.length)];
        };
        return Double.isNaN(value) && !nanPayloads ? Double.NaN : value;
    }

    boolean bool() {
        return random.nextBoolean();
    }

    /** A number that the enum has, mostly. */
    int enumNumber(EnumDescriptor type) {
        if (oneIn(4)) {
            return new int[] {99, -7, Integer.MAX_VALUE, Integer.MIN_VALUE}[random.nextInt(4)];
        }
        List<EnumValueDescriptor> values = type.getValues();
        return values.get(random.nextInt(values.size())).getNumber();
    }

    /** Valid UTF-8 of 0 to 3,000 bytes. */
    String text() {
        return switch (random.nextInt(24)) {
            case 0 -> "x".repeat(1 + random.nextInt(3_000));
            // Either side of the longest value of a typed table, and of an index entry.
            case 1 -> "x".repeat(1_023 + random.nextInt(3));
            case 2 -> incompressible(2_600 + random.nextInt(400));
            case 3, 4, 5 -> "text " + random.nextInt(5);
            case 6 -> TEXTS.get(random.nextInt(TEXTS.size())) + TEXTS.get(random.nextInt(TEXTS.size()));
            default -> TEXTS.get(random.nextInt(TEXTS.size()));
        };
    }

    ByteString bytes() {
        int[] sizes = {0, 1, 2, 3, 16, 1_024, 1_025, 3_000};
        return random(oneIn(3) ? random.nextInt(100) : sizes[random.nextInt(sizes.length)]);
    }

    /** Of 0 to 32 bytes; of the right size mostly. */
    ByteString id(int size) {
        return switch (random.nextInt(6)) {
            case 0 -> random(random.nextInt(33));
            case 1 -> ByteString.EMPTY;
            case 2 -> ByteString.copyFrom(new byte[size]);
            default -> random(size);
        };
    }

    /** Nanoseconds since 1970, unsigned. */
    long time() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> int64();
            case 2 -> -1;
            case 3 -> Long.MIN_VALUE;
            default -> TraceRecords.startNanos(random.nextInt(1_000_000));
        };
    }

    private boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    private ByteString random(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    String incompressible(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (' ' + random.nextInt('~' - ' '));
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
