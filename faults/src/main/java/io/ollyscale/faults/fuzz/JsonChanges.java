package io.ollyscale.faults.fuzz;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MessageVariants;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Changes a JSON text token by token and value by value, so that what comes out is mostly JSON again. Bytes are characters here
 * (ISO 8859-1), so that changes may break UTF-8. Reads leniently: what comes out without a change is JSON, whatever came in.
 */
final class JsonChanges {
    /** A text isn't blown up beyond this. */
    private static final int MOST_TOKENS = 10_000;

    private static final Pattern TOKEN =
            Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"|[\\[\\]{}:,]|[^\\s\\[\\]{}:,\"]++|\"", Pattern.DOTALL);

    /** Deeper brackets are left out. */
    private static final int DEEPEST = 1_000;

    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][+-]?[0-9]++)?");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f]");
    private static final Pattern BAD_ESCAPE =
            Pattern.compile("\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}|(.?))", Pattern.DOTALL);

    private static final String[] VALUES = {
        "0",
        "1",
        "-1",
        "-0.0",
        "1.5",
        "1e3",
        "1E-3",
        "1e999",
        "1e999999999",
        "01",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "\"18446744073709551615\"",
        "4294967295",
        "4294967296",
        "2147483648",
        "\"-9223372036854775808\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"-Infinity\"",
        "NaN",
        "\"1760000000000000000\"",
        "true",
        "false",
        "null",
        "\"true\"",
        "\"\"",
        "\"a\"",
        "\"service.name\"",
        "\"http.route\"",
        "\"drop.this\"",
        "\"$list\"",
        "\"a\\u0000b\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\udc00x\"",
        "\"\\q\"",
        "\"abcdef0123456789\"",
        "\"ABCDEF0123456789abcdef0123456789\"",
        "\"abc\"",
        "\"W47/95gDgQPSabYzgT/GDA==\"",
        "\"-_8\"",
        "\"" + "ab".repeat(33) + "\"",
        "\"" + "x".repeat(1_025) + "\"",
        "\"\u00c3\u00a9\"",
        "\"\u00ff\"",
        "\"\u00ed\u00a0\u0080\"",
        "{}",
        "[]",
        "[null]",
        "{\"stringValue\":\"text\"}",
        "{\"intValue\":\"7\"}",
        "{\"doubleValue\":0.5}",
        "{\"boolValue\":false}",
        "{\"bytesValue\":\"AAE=\"}",
        "{\"arrayValue\":{\"values\":[{\"intValue\":1},{}]}}",
        "{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\"}},{\"key\":\"k\"}]}}",
        "{\"key\":\"test.number\",\"value\":{\"intValue\":5}}",
        "{\"stringValueStrindex\":1}",
        "{\"attributes\":[{\"key\":\"k\"}]}"
    };

    private final Random random;
    private final String[] names;
    private List<String> tokens = new ArrayList<>();

    JsonChanges(Signal signal, Random random) {
        this.random = random;
        names = Names.of(signal);
    }

    /** @param changes how many; with none it is only repaired */
    byte[] apply(byte[] json, int changes) {
        // What isn't UTF-8 would be all that the document is refused for.
        String text = new String(
                new String(json, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        Matcher matcher = TOKEN.matcher(text);
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
        tokens = new Repair(tokens).tokens();
        for (int i = 0; i < changes && !tokens.isEmpty() && tokens.size() < MOST_TOKENS; i++) {
            change();
        }
        byte[] changed = String.join(oneIn(8) ? " " : "", tokens).getBytes(StandardCharsets.ISO_8859_1);
        return changes > 0 && oneIn(40) ? broken(changed) : changed;
    }

    /** Reads one value out of tokens in whatever order, and drops what can't be part of it. */
    private static final class Repair {
        private final List<String> tokens;
        private final List<String> repaired = new ArrayList<>();
        private int next;

        Repair(List<String> tokens) {
            this.tokens = tokens;
        }

        List<String> tokens() {
            while (next < tokens.size() && !tokens.get(next).equals("{")) {
                next++;
            }
            value(0);
            return repaired;
        }

        /** Null at the end of the tokens. */
        private String peek() {
            return next < tokens.size() ? tokens.get(next) : null;
        }

        private void value(int depth) {
            String token = peek();
            if (token == null || token.equals("}") || token.equals("]")) {
                repaired.add("null");
                return;
            }
            next++;
            if (token.equals(":") || token.equals(",")) {
                value(depth);
            } else if (depth < DEEPEST && token.equals("{")) {
                object(depth);
            } else if (depth < DEEPEST && token.equals("[")) {
                array(depth);
            } else {
                repaired.add(scalar(token));
            }
        }

        private void object(int depth) {
            repaired.add("{");
            Set<String> names = new HashSet<>();
            for (String token = peek(); token != null && !token.equals("}") && !token.equals("]"); token = peek()) {
                next++;
                if (token.length() < 2 || token.charAt(0) != '"' || !names.add(token)) {
                    continue;
                }
                if (names.size() > 1) {
                    repaired.add(",");
                }
                repaired.add(scalar(token));
                repaired.add(":");
                if (":".equals(peek())) {
                    next++;
                }
                value(depth + 1);
            }
            next++;
            repaired.add("}");
        }

        private void array(int depth) {
            repaired.add("[");
            boolean first = true;
            for (String token = peek(); token != null && !token.equals("}") && !token.equals("]"); token = peek()) {
                if (token.equals(",") || token.equals(":")) {
                    next++;
                    continue;
                }
                if (!first) {
                    repaired.add(",");
                }
                first = false;
                value(depth + 1);
            }
            next++;
            repaired.add("]");
        }

        private static String scalar(String token) {
            if (token.length() >= 2 && token.charAt(0) == '"') {
                String printable = CONTROL.matcher(token).replaceAll("?");
                return BAD_ESCAPE
                        .matcher(printable)
                        .replaceAll(escape -> Matcher.quoteReplacement(
                                escape.group(1) == null ? escape.group() : "/" + escape.group(1)));
            }
            boolean word = token.equals("true") || token.equals("false") || token.equals("null");
            return word || NUMBER.matcher(token).matches() ? token : "0";
        }
    }

    private void change() {
        int at = random.nextInt(tokens.size());
        switch (random.nextInt(10)) {
            case 0 -> remove(at);
            case 1 -> repeat(at);
            case 2 -> splice(at);
            case 3 -> nest(at);
            case 4 -> {
                if (isString(at) && isBefore(at, ":")) {
                    tokens.set(at, quoted(oneIn(8) ? "notAField" : names[random.nextInt(names.length)]));
                }
            }
            case 5 -> insertMember(at);
            case 6 -> {
                if (oneIn(8)) {
                    tokens.set(at, value());
                }
            }
            case 7 -> changeCharacter(at);
            default -> {
                int from = valueAtOrAfter(at);
                if (from >= 0) {
                    replace(from, end(from), List.of(likeOrOther(tokens.get(from))));
                }
            }
        }
    }

    /** A value, with the name and the comma that belong to it. */
    private void remove(int at) {
        int from = valueAtOrAfter(at);
        if (from < 0) {
            return;
        }
        int to = end(from);
        if (from >= 2 && tokens.get(from - 1).equals(":")) {
            from -= 2;
        }
        if (to < tokens.size() && tokens.get(to).equals(",")) {
            to++;
        } else if (from > 0 && tokens.get(from - 1).equals(",")) {
            from--;
        }
        replace(from, to, List.of());
    }

    private void repeat(int at) {
        int from = valueAtOrAfter(at);
        if (from < 0) {
            return;
        }
        int to = end(from);
        boolean member = from >= 2 && tokens.get(from - 1).equals(":");
        if (member && !oneIn(20)) {
            // A name twice is refused, whatever else there is.
            return;
        }
        List<String> copy = new ArrayList<>();
        copy.add(",");
        copy.addAll(tokens.subList(member ? from - 2 : from, to));
        for (int copies = oneIn(8) ? 40 : 1; copies > 0 && tokens.size() < MOST_TOKENS; copies--) {
            tokens.addAll(to, copy);
        }
    }

    private void splice(int at) {
        int from = valueAtOrAfter(at);
        int source = valueAtOrAfter(random.nextInt(tokens.size()));
        if (from >= 0 && source >= 0) {
            replace(from, end(from), new ArrayList<>(tokens.subList(source, end(source))));
        }
    }

    /** Puts arrays or kvlists around a value, up to a limit or over it. */
    private void nest(int at) {
        int from = valueAtOrAfter(at);
        if (from < 0 || !tokens.get(from).equals("{")) {
            return;
        }
        int[] levels = {1, 2, 3, 4, 5, 15, 16, 17, 127, 128, 129, 140};
        int count = levels[random.nextInt(oneIn(4) ? levels.length : 5)];
        boolean array = random.nextBoolean();
        List<String> nested = new ArrayList<>();
        String opening = array ? "{\"arrayValue\":{\"values\":[" : "{\"kvlistValue\":{\"values\":[{\"value\":";
        nested.add(opening.repeat(count));
        nested.addAll(tokens.subList(from, end(from)));
        nested.add((array ? "]}}" : "}]}}").repeat(count));
        replace(from, end(from), nested);
    }

    private void insertMember(int at) {
        for (int i = at; i < tokens.size(); i++) {
            if (tokens.get(i).equals("{")) {
                String name = oneIn(10) ? "notAField" : names[random.nextInt(names.length)];
                String value = value();
                boolean last = i + 1 < tokens.size() && tokens.get(i + 1).equals("}");
                tokens.add(i + 1, quoted(name) + ":" + value + (last ? "" : ","));
                return;
            }
        }
    }

    private void changeCharacter(int at) {
        if (!isString(at) || tokens.get(at).length() < 3) {
            return;
        }
        StringBuilder token = new StringBuilder(tokens.get(at));
        int character = 1 + random.nextInt(token.length() - 2);
        token.setCharAt(character, (char) (oneIn(8) ? random.nextInt(256) : '0' + random.nextInt(10)));
        tokens.set(at, token.toString());
    }

    private String value() {
        return VALUES[random.nextInt(VALUES.length)];
    }

    /** Mostly of the same kind: a text for an object is all that a document is refused for. */
    private String likeOrOther(String token) {
        String other = value();
        for (int i = 0; i < 20 && kind(other) != kind(token) && !oneIn(20); i++) {
            other = value();
        }
        return other;
    }

    private static char kind(String token) {
        char first = token.charAt(0);
        return first == '-' || Character.isDigit(first) ? '0' : first;
    }

    private byte[] broken(byte[] json) {
        if (json.length == 0) {
            return json;
        }
        int at = random.nextInt(json.length);
        if (random.nextBoolean()) {
            return Arrays.copyOf(json, at);
        }
        byte[] broken = json.clone();
        broken[at] ^= (byte) (1 << random.nextInt(8));
        return broken;
    }

    private void replace(int from, int to, List<String> with) {
        List<String> range = tokens.subList(from, to);
        range.clear();
        range.addAll(with);
    }

    /** Where the next value begins; -1 if none does. */
    private int valueAtOrAfter(int at) {
        for (int i = at; i < tokens.size(); i++) {
            String token = tokens.get(i);
            boolean value = !token.equals(":") && !token.equals(",") && !token.equals("}") && !token.equals("]");
            if (value && !isBefore(i, ":")) {
                return i;
            }
        }
        return -1;
    }

    /** Behind a value's last token. */
    private int end(int from) {
        int depth = 0;
        for (int i = from; i < tokens.size(); i++) {
            String token = tokens.get(i);
            if (token.equals("{") || token.equals("[")) {
                depth++;
            } else if (token.equals("}") || token.equals("]")) {
                depth--;
            }
            if (depth <= 0) {
                return i + 1;
            }
        }
        return tokens.size();
    }

    private boolean isString(int at) {
        return tokens.get(at).startsWith("\"");
    }

    private boolean isBefore(int at, String next) {
        return at + 1 < tokens.size() && tokens.get(at + 1).equals(next);
    }

    private static String quoted(String name) {
        return "\"" + name + "\"";
    }

    private boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    /** The names of a signal's fields, and those by which another signal's document is told. */
    private static final class Names {
        private static final String[][] BY_SIGNAL = Arrays.stream(Signal.values())
                .map(signal -> Stream.concat(
                                MessageVariants.fields(signal.message().getDescriptorForType()).stream()
                                        .map(FieldDescriptor::getJsonName),
                                Arrays.stream(Signal.values()).map(Signal::jsonKey))
                        .distinct()
                        .sorted()
                        .toArray(String[]::new))
                .toArray(String[][]::new);

        private Names() {}

        static String[] of(Signal signal) {
            return BY_SIGNAL[signal.ordinal()];
        }
    }
}
