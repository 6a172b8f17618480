package io.ollyscale.faults.fuzz;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.sun.management.ThreadMXBean;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RecordExcerpt;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.otlp.UnitRange;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.CopyTuples;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What must hold of every message, whatever it is: it is stored or refused, what is stored is well-formed and all there, and it
 * can be cut into parts that are stored too. Every method throws AssertionError where something doesn't. Not thread-safe.
 */
final class RecordProperties {
    /** Allocated by encoding, whatever the message is. */
    private static final long ALLOCATED = 2 << 20;

    /** And for each byte of it: a point of four bytes may be a new series. */
    private static final long ALLOCATED_PER_BYTE = 4 << 10;

    /** Units that are cut out one by one; of a larger record, those that a random choice hits. */
    private static final int MOST_SINGLE_UNITS = 12;

    private static final int MOST_PARTS = 6;
    private static final int TURNS = 16;
    private static final int LONGEST_DETAIL = 1_000;

    /** What the decoder may say; the others are said elsewhere. */
    private static final Set<RefusalReason> REASONS = EnumSet.complementOf(
            EnumSet.of(RefusalReason.DECODER_FAILED, RefusalReason.REFUSED_BY_POSTGRES, RefusalReason.NEWER_OTLP));

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Codec codec;
    private final Depth depth;

    /** How much of it is tried with each message. */
    enum Depth {
        EVERYTHING,
        /** What costs several encodings, of one message in 16 each: the message's hash says which. */
        SAMPLED
    }

    /** What is tried; a test tries one that is broken. */
    interface Codec {
        EncodedRecord encode(RecordEncoder encoder, byte[] record, Predicate<String> known)
                throws RefusedRecordException;

        Stream<byte[]> excerpts(Signal signal, RecordEncoding encoding, byte[] record, List<UnitRange> parts);
    }

    /** The one that the job has. */
    enum Product implements Codec {
        CODEC;

        @Override
        public EncodedRecord encode(RecordEncoder encoder, byte[] record, Predicate<String> known)
                throws RefusedRecordException {
            return encoder.encode(record, known);
        }

        @Override
        public Stream<byte[]> excerpts(Signal signal, RecordEncoding encoding, byte[] record, List<UnitRange> parts) {
            return RecordExcerpt.of(signal, encoding, record, parts);
        }
    }

    private final Map<EncoderVariant, RecordEncoder[]> encoders = new EnumMap<>(EncoderVariant.class);

    RecordProperties(Codec codec, Depth depth) {
        this.codec = codec;
        this.depth = depth;
        for (EncoderVariant variant : EncoderVariant.values()) {
            RecordEncoder[] ofVariant = new RecordEncoder[Signal.values().length * RecordEncoding.values().length];
            for (Signal signal : Signal.values()) {
                for (RecordEncoding encoding : RecordEncoding.values()) {
                    ofVariant[index(signal, encoding)] = variant.encoder(signal, encoding);
                }
            }
            encoders.put(variant, ofVariant);
        }
    }

    private static int index(Signal signal, RecordEncoding encoding) {
        return signal.ordinal() * RecordEncoding.values().length + encoding.ordinal();
    }

    Outcome check(FuzzInput input) {
        RecordEncoder encoder = encoder(input, input.encoding());
        EncodedRecord encoded;
        try {
            encoded = encode(encoder, input);
        } catch (RefusedRecordException e) {
            checkRefusal(e, input, encoder);
            return new Outcome(e.reason(), 0, false);
        }
        Message message = parsed(input);
        List<Message> units = RecordUnits.of(message);
        require(encoded.units() == units.size(), "has %s units, not %s", encoded.units(), units.size());
        CheckedRows rows = CheckedRows.of(input.signal(), encoded);
        DimensionChecks.check(encoded.dimensions());
        if (encoded.unknownFields() == 0) {
            rows.checkAttributes(units, input.variant().policy());
        }
        int hash = Arrays.hashCode(input.message());
        if (isTurn(0, hash)) {
            checkAgain(encoder, input, encoded);
        }
        if (isTurn(1, hash) && input.variant().limits() == DecodingLimits.DEFAULT) {
            checkInOtherEncoding(input, message, encoded);
        }
        if (isTurn(2, hash) && encoded.units() > 0) {
            checkExcerpts(encoder, input, encoded, new Random(hash));
        }
        return new Outcome(null, encoded.units(), encoded.unknownFields() > 0);
    }

    private boolean isTurn(int turn, int hash) {
        return depth == Depth.EVERYTHING || Math.floorMod(hash, TURNS) == turn;
    }

    private RecordEncoder encoder(FuzzInput input, RecordEncoding encoding) {
        return encoders.get(input.variant())[index(input.signal(), encoding)];
    }

    private EncodedRecord encode(RecordEncoder encoder, FuzzInput input) throws RefusedRecordException {
        long most = ALLOCATED + ALLOCATED_PER_BYTE * input.message().length;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            return encodeAnyhow(encoder, input.message(), hash -> false);
        } finally {
            if (THREADS.getCurrentThreadAllocatedBytes() - before > most) {
                // The first time loads classes.
                requireAllocated(encoder, input, most);
            }
        }
    }

    private void requireAllocated(RecordEncoder encoder, FuzzInput input, long most) throws RefusedRecordException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            encodeAnyhow(encoder, input.message(), hash -> false);
        } finally {
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            require(
                    allocated <= most,
                    "%s bytes were allocated for a message of %s",
                    allocated,
                    input.message().length);
        }
    }

    /** Nothing but rows and a refusal may come out. */
    private EncodedRecord encodeAnyhow(RecordEncoder encoder, byte[] record, Predicate<String> known)
            throws RefusedRecordException {
        try {
            return codec.encode(encoder, record, known);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("the encoder failed", e);
        }
    }

    private void checkRefusal(RefusedRecordException refusal, FuzzInput input, RecordEncoder encoder) {
        String detail = refusal.getMessage();
        require(REASONS.contains(refusal.reason()), "the encoder says %s", refusal.reason());
        require(
                detail != null
                        && !detail.isEmpty()
                        && detail.length() <= LONGEST_DETAIL
                        && detail.chars().noneMatch(Character::isISOControl),
                "a refusal's detail is no text for a column: %s",
                detail);
        if (!isTurn(0, Arrays.hashCode(input.message()))) {
            return;
        }
        try {
            encodeAnyhow(encoder, input.message(), hash -> false);
        } catch (RefusedRecordException e) {
            require(
                    e.reason() == refusal.reason() && e.getMessage().equals(detail),
                    "refused as %s (%s), then as %s (%s)",
                    refusal.reason(),
                    detail,
                    e.reason(),
                    e.getMessage());
            return;
        }
        throw new AssertionError("refused once, and then not: " + refusal.reason());
    }

    /** The message, as the library reads it all at once. */
    static Message parsed(FuzzInput input) {
        try {
            switch (input.encoding()) {
                case OTLP_PROTO -> {
                    CodedInputStream stream = CodedInputStream.newInstance(input.message());
                    stream.setRecursionLimit(Integer.MAX_VALUE);
                    return input.signal().message().getParserForType().parseFrom(stream);
                }
                case OTLP_JSON -> {
                    Message message = new OtlpJson(1_000)
                            .parse(input.message(), input.signal().message())
                            .message();
                    int counted = JsonUnits.count(input.signal(), input.message());
                    int read = RecordUnits.of(message).size();
                    require(counted == read, "the document has %s units, and its message %s", counted, read);
                    return message;
                }
            }
            throw new IllegalStateException("another encoding: " + input.encoding());
        } catch (IOException | OtlpJsonException e) {
            throw new AssertionError("encoded, but no message", e);
        }
    }

    /** The same bytes, and the same rows where all dimensions are known. */
    private void checkAgain(RecordEncoder encoder, FuzzInput input, EncodedRecord encoded) {
        try {
            EncodedRecord again = encodeAnyhow(encoder, input.message(), hash -> false);
            requireSameRows(encoded, again, "the second time");
            // Their lists of bytes are compared by identity.
            require(
                    DimensionChecks.texts(again.dimensions()).equals(DimensionChecks.texts(encoded.dimensions())),
                    "the dimensions are others the second time");
            EncodedRecord known = encodeAnyhow(encoder, input.message(), hash -> true);
            requireSameRows(encoded, known, "where dimensions are known");
            require(known.dimensions().isEmpty(), "known dimensions are described");
            require(
                    known.unknownFields() == encoded.unknownFields() || encoded.unknownFields() > 0,
                    "%s unknown fields, and %s where dimensions are known",
                    encoded.unknownFields(),
                    known.unknownFields());
        } catch (RefusedRecordException e) {
            throw new AssertionError("encoded once, and then refused", e);
        }
    }

    /** A message says the same in both encodings, but for what JSON can't say. */
    private void checkInOtherEncoding(FuzzInput input, Message message, EncodedRecord encoded) {
        if (encoded.unknownFields() > 0) {
            return;
        }
        byte[] other;
        RecordEncoding encoding;
        if (input.encoding() == RecordEncoding.OTLP_JSON) {
            encoding = RecordEncoding.OTLP_PROTO;
            other = message.toByteArray();
        } else {
            encoding = RecordEncoding.OTLP_JSON;
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            try {
                if (OtlpJsonWriter.write(message, json) > 0) {
                    return;
                }
            } catch (IOException e) {
                throw new AssertionError("can't be written as JSON", e);
            }
            other = json.toByteArray();
        }
        try {
            EncodedRecord of = encodeAnyhow(encoder(input, encoding), other, hash -> false);
            requireSameRows(encoded, of, "as " + encoding);
        } catch (RefusedRecordException e) {
            throw new AssertionError("refused as " + encoding, e);
        }
    }

    private static void requireSameRows(EncodedRecord expected, EncodedRecord actual, String when) {
        require(
                expected.rowIds() == actual.rowIds()
                        && Arrays.equals(expected.unitStarts(), actual.unitStarts())
                        && expected.chunks().size() == actual.chunks().size(),
                "other rows %s",
                when);
        CopyTuples.stampRelative(actual.chunks(), actual.rowIds());
        for (int i = 0; i < expected.chunks().size(); i++) {
            CopyChunk a = expected.chunks().get(i);
            CopyChunk b = actual.chunks().get(i);
            require(
                    a.table() == b.table()
                            && a.rows() == b.rows()
                            && Arrays.equals(a.bytes(), 0, a.length(), b.bytes(), 0, b.length()),
                    "other rows of %s %s",
                    a.table(),
                    when);
        }
    }

    private void checkExcerpts(RecordEncoder encoder, FuzzInput input, EncodedRecord encoded, Random random) {
        int units = encoded.units();
        List<UnitRange> singles = new ArrayList<>();
        for (int unit = 0; unit < units; unit++) {
            if (units <= MOST_SINGLE_UNITS || random.nextInt(units) < MOST_SINGLE_UNITS) {
                singles.add(new UnitRange(unit, unit + 1));
            }
        }
        Map<Table, Integer> ofSingles = rowsOfParts(encoder, input, singles);
        if (singles.size() == units) {
            requireAllRows(encoded, ofSingles, "single units");
        }
        if (units < 2) {
            return;
        }
        List<UnitRange> parts = new ArrayList<>();
        int from = 0;
        while (from < units) {
            int to = parts.size() == MOST_PARTS - 1 ? units : from + 1 + random.nextInt(units - from);
            parts.add(new UnitRange(from, to));
            from = to;
        }
        requireAllRows(encoded, rowsOfParts(encoder, input, parts), "parts");
    }

    /** How many rows the parts of a record have, each encoded as the message that it is. */
    private Map<Table, Integer> rowsOfParts(RecordEncoder encoder, FuzzInput input, List<UnitRange> parts) {
        List<byte[]> excerpts;
        try {
            excerpts = codec.excerpts(input.signal(), input.encoding(), input.message(), parts)
                    .toList();
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("can't be cut", e);
        }
        require(excerpts.size() == parts.size(), "%s parts, not %s", excerpts.size(), parts.size());
        Map<Table, Integer> rows = new EnumMap<>(Table.class);
        for (int i = 0; i < excerpts.size(); i++) {
            try {
                EncodedRecord part = encodeAnyhow(encoder, excerpts.get(i), hash -> true);
                require(part.units() == parts.get(i).size(), "%s has %s units", parts.get(i), part.units());
                part.chunks().forEach(chunk -> rows.merge(chunk.table(), chunk.rows(), Integer::sum));
            } catch (RefusedRecordException e) {
                throw new AssertionError(parts.get(i) + " is refused", e);
            }
        }
        return rows;
    }

    private static void requireAllRows(EncodedRecord whole, Map<Table, Integer> ofParts, String what) {
        Map<Table, Integer> ofWhole = new EnumMap<>(Table.class);
        whole.chunks().forEach(chunk -> ofWhole.merge(chunk.table(), chunk.rows(), Integer::sum));
        require(ofWhole.equals(ofParts), "%s have the rows %s, not %s", what, ofParts, ofWhole);
    }

    static void require(boolean condition, String otherwise, Object... arguments) {
        if (!condition) {
            throw new AssertionError(String.format(otherwise, arguments));
        }
    }
}
