package io.ollyscale.schema.rollup;

/**
 * How many spans one that was sampled stands for, by the rejection threshold in its trace state ({@code ot=th:c}): of 2<sup>56</sup>
 * random numbers those below the threshold were rejected. The SQL function {@code otel.adjusted_count} says the same of every
 * text.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/">TraceState handling</a>
 */
final class AdjustedCount {
    private static final int DIGITS = 14;
    private static final long ALL = 1L << 4 * DIGITS;
    private static final String KEY = "ot=";
    private static final String THRESHOLD = "th:";

    private AdjustedCount() {}

    /** 1 where there is no threshold, or none that is well formed. */
    static double of(String traceState) {
        int at = 0;
        while (at < traceState.length()) {
            int start = skipBlanks(traceState, at);
            if (traceState.startsWith(KEY, start)) {
                double count = ofMember(traceState, start + KEY.length());
                if (count > 0) {
                    return count;
                }
            }
            int comma = traceState.indexOf(',', at);
            at = comma < 0 ? traceState.length() : comma + 1;
        }
        return 1;
    }

    /** 0 where the value that begins here has no threshold; its last one, should it have several. */
    private static double ofMember(String text, int begin) {
        double count = 0;
        int at = begin;
        while (true) {
            if (text.startsWith(THRESHOLD, at)) {
                double found = ofThreshold(text, at + THRESHOLD.length());
                count = found > 0 ? found : count;
            }
            while (at < text.length() && text.charAt(at) != ';' && text.charAt(at) != ',') {
                at++;
            }
            if (at == text.length() || text.charAt(at) == ',') {
                return count;
            }
            at++;
        }
    }

    /** 0 where it isn't well formed. Trailing zeros may be left out. */
    private static double ofThreshold(String text, int begin) {
        long threshold = 0;
        int digits = 0;
        int at = begin;
        for (; at < text.length(); at++) {
            int digit = digit(text.charAt(at));
            if (digit < 0) {
                break;
            }
            if (++digits > DIGITS) {
                return 0;
            }
            threshold = threshold << 4 | digit;
        }
        int end = skipBlanks(text, at);
        if (digits == 0 || end < text.length() && text.charAt(end) != ';' && text.charAt(end) != ',') {
            return 0;
        }
        return (double) ALL / (ALL - (threshold << 4 * (DIGITS - digits)));
    }

    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }
}
