package io.ollyscale.schema.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Texts of OTLP/JSON into protobuf's scalars. Every method throws IllegalArgumentException with a short reason. */
final class Scalars {

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern PLAIN_INTEGER = Pattern.compile("-?[0-9]+");
    /** Longer texts than any 64-bit number needs are refused before arithmetic is spent on them. */
    private static final int MAX_INTEGER_TEXT = 100;

    private static final BigInteger UINT32_MAX = BigInteger.TWO.pow(32).subtract(BigInteger.ONE);
    private static final BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private Scalars() {}

    /** Of any length: how long an id may be is for those to say who store it, whatever the encoding was. */
    static ByteString id(String hex) {
        if (hex.length() % 2 != 0) {
            throw new IllegalArgumentException("an id with an odd number of hex digits");
        }
        try {
            return UnsafeByteOperations.unsafeWrap(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("an id that isn't hex", e);
        }
    }

    /** Standard or URL-safe alphabet, with or without padding: ProtoJSON accepts them all. */
    static ByteString base64(String text) {
        try {
            String standard = text.replace('-', '+').replace('_', '/');
            return UnsafeByteOperations.unsafeWrap(Base64.getDecoder().decode(standard));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("bytes that aren't base64", e);
        }
    }

    static int int32(String text) {
        BigInteger value = integer(text);
        if (value.bitLength() > 31) {
            throw outOfRange();
        }
        return value.intValue();
    }

    /** Returns the two's complement, as protobuf's Java classes hold it. */
    static int uint32(String text) {
        BigInteger value = integer(text);
        if (value.signum() < 0 || value.compareTo(UINT32_MAX) > 0) {
            throw outOfRange();
        }
        return value.intValue();
    }

    static long int64(String text) {
        BigInteger value = integer(text);
        if (value.bitLength() > 63) {
            throw outOfRange();
        }
        return value.longValue();
    }

    /** Returns the two's complement, as protobuf's Java classes hold it. */
    static long uint64(String text) {
        BigInteger value = integer(text);
        if (value.signum() < 0 || value.compareTo(UINT64_MAX) > 0) {
            throw outOfRange();
        }
        return value.longValue();
    }

    /** ProtoJSON allows exponents and zero fractions ("1.0", "5e3") where the value is an integer. */
    private static BigInteger integer(String text) {
        if (text.length() <= 18 && PLAIN_INTEGER.matcher(text).matches()) {
            return BigInteger.valueOf(Long.parseLong(text));
        }
        if (text.length() > MAX_INTEGER_TEXT || !NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("an integer is expected");
        }
        BigDecimal value = decimal(text).stripTrailingZeros();
        if (value.scale() > 0) {
            throw new IllegalArgumentException("a fraction where an integer is expected");
        }
        // Before the digits of 1e999999999 are written out.
        if (value.precision() - (long) value.scale() > 20) {
            throw outOfRange();
        }
        return value.toBigIntegerExact();
    }

    private static BigDecimal decimal(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("an exponent that is out of range", e);
        }
    }

    static double float64(String text) {
        switch (text) {
            case "NaN":
                return Double.NaN;
            case "Infinity":
                return Double.POSITIVE_INFINITY;
            case "-Infinity":
                return Double.NEGATIVE_INFINITY;
            default:
                if (!NUMBER.matcher(text).matches()) {
                    throw new IllegalArgumentException("a number is expected");
                }
                double value = Double.parseDouble(text);
                if (Double.isInfinite(value)) {
                    throw outOfRange();
                }
                return value;
        }
    }

    private static IllegalArgumentException outOfRange() {
        return new IllegalArgumentException("a number that is out of its field's range");
    }
}
