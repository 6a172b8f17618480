package io.ollyscale.faults.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.ollyscale.faults.fuzz.RecordProperties.Codec;
import io.ollyscale.faults.fuzz.RecordProperties.Depth;
import io.ollyscale.faults.fuzz.RecordProperties.Product;
import io.ollyscale.schema.copy.CopyChunk;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.otlp.UnitRange;
import io.ollyscale.schema.testing.NumberedRecords;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FuzzTargetTest {
    private static final int LONGEST_SEED = 8 << 10;

    /** Costs as much as the suite can spare; the long run is {@code faults/fuzz}'s. */
    private static final int MUTATIONS = 20_000;

    private static final int LONGEST_MUTATED = 400;

    @Test
    void holdsForEverySeed() {
        RecordProperties properties = new RecordProperties(Product.CODEC, Depth.EVERYTHING);
        Tally tally = new Tally();

        FuzzSeeds.of(1, LONGEST_SEED).forEach((name, bytes) -> {
            FuzzInput input = FuzzInput.of(bytes);
            try {
                tally.add(input, properties.check(input));
            } catch (AssertionError e) {
                throw new AssertionError(name, e);
            }
        });

        assertThat(tally.stored()).isGreaterThan(tally.messages() / 2);
    }

    /** And both halves are reached: what is stored, and every reason to refuse. */
    @Test
    void holdsForMutationsOfSeeds() {
        RecordProperties properties = new RecordProperties(Product.CODEC, Depth.SAMPLED);
        Tally tally = new Tally();

        for (byte[] bytes : mutations(7, MUTATIONS)) {
            FuzzInput input = FuzzInput.of(bytes);
            tally.add(input, properties.check(input));
        }

        assertThat(tally.messages()).isEqualTo(MUTATIONS);
        assertThat(tally.stored()).isBetween(MUTATIONS / 4L, MUTATIONS * 9L / 10);
        for (RefusalReason reason : EnumSet.range(RefusalReason.INVALID_PROTOBUF, RefusalReason.TOO_LARGE)) {
            assertThat(tally.refused(reason)).as(reason.code()).isPositive();
        }
    }

    /** Each was a fault once. */
    @ParameterizedTest
    @ValueSource(strings = {"c1-control-in-a-refusals-detail"})
    void holdsForWhatWasFound(String name) throws IOException {
        try (InputStream resource = FuzzTargetTest.class.getResourceAsStream(name)) {
            FuzzInput input = FuzzInput.of(resource.readAllBytes());

            assertThatNoException()
                    .isThrownBy(() -> new RecordProperties(Product.CODEC, Depth.EVERYTHING).check(input));
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsABrokenCodec(Broken broken) {
        RecordProperties properties = new RecordProperties(broken, Depth.EVERYTHING);
        FuzzInput input = FuzzInput.of(FuzzInput.bytes(
                Signal.TRACES,
                RecordEncoding.OTLP_PROTO,
                EncoderVariant.DEFAULT,
                NumberedRecords.bytes(Signal.TRACES, RecordEncoding.OTLP_PROTO, 0, 4)));

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> properties.check(input))
                .withMessageContaining(broken.finding);
    }

    @Test
    void takesBytesAsTheMessageThatTheyAreUnlessTheyWereMutated() {
        byte[] message = "{\"resourceSpans\":".getBytes(StandardCharsets.UTF_8);
        byte[] bytes = FuzzInput.bytes(Signal.TRACES, RecordEncoding.OTLP_JSON, EncoderVariant.DEFAULT, message);

        assertThat(FuzzInput.of(bytes).message()).isEqualTo(message);
        bytes[5]++;
        assertThat(FuzzInput.of(bytes).message()).asString().isEqualTo("{\"resourceSpans\":null}");
    }

    /** Bits flipped and changes asked for, in turn. */
    static List<byte[]> mutations(long seed, int count) {
        List<byte[]> seeds = List.copyOf(FuzzSeeds.of(seed, LONGEST_MUTATED).values());
        Random random = new Random(seed);
        List<byte[]> mutations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
            bytes[2] = (byte) random.nextInt();
            bytes[3] = (byte) random.nextInt();
            bytes[4] = (byte) random.nextInt();
            if (i % 3 == 0 && bytes.length > FuzzInput.HEADER) {
                bytes[FuzzInput.HEADER + random.nextInt(bytes.length - FuzzInput.HEADER)] ^=
                        (byte) (1 << random.nextInt(8));
            }
            mutations.add(bytes);
        }
        return mutations;
    }

    /** The product's codec with one thing wrong. */
    enum Broken implements Codec {
        FAILS("the encoder failed") {
            @Override
            public EncodedRecord encode(RecordEncoder encoder, byte[] record, Predicate<String> known) {
                throw new IndexOutOfBoundsException("a bug");
            }
        },
        REFUSES_WITH_A_REASON_THAT_ISNT_ITS_OWN("the encoder says DECODER_FAILED") {
            @Override
            public EncodedRecord encode(RecordEncoder encoder, byte[] record, Predicate<String> known)
                    throws RefusedRecordException {
                throw new RefusedRecordException(RefusalReason.DECODER_FAILED, "detail");
            }
        },
        LOSES_A_UNIT("has 3 units, not 4") {
            @Override
            EncodedRecord changed(EncodedRecord right) {
                return with(right, right.chunks(), Arrays.copyOf(right.unitStarts(), right.units() - 1));
            }
        },
        LOSES_A_ROW("a chunk of SPANS_FACT has 4 rows, not 3") {
            @Override
            EncodedRecord changed(EncodedRecord right) {
                return with(
                        right,
                        right.chunks().stream()
                                .map(chunk -> new CopyChunk(
                                        chunk.table(),
                                        chunk.rows() - 1,
                                        chunk.bytes(),
                                        chunk.length(),
                                        chunk.idPositions(),
                                        chunk.relativeIds()))
                                .toList(),
                        right.unitStarts());
            }
        },
        LOSES_A_TABLE("are stored as") {
            @Override
            EncodedRecord changed(EncodedRecord right) {
                return with(
                        right,
                        right.chunks().stream()
                                .filter(chunk -> !chunk.table().tableName().equals("span_attrs_int"))
                                .toList(),
                        right.unitStarts());
            }
        },
        CUTS_A_TUPLE("broken tuples of") {
            @Override
            EncodedRecord changed(EncodedRecord right) {
                return with(
                        right,
                        right.chunks().stream()
                                .map(chunk -> new CopyChunk(
                                        chunk.table(),
                                        chunk.rows(),
                                        chunk.bytes(),
                                        chunk.length() - 1,
                                        chunk.idPositions(),
                                        chunk.relativeIds()))
                                .toList(),
                        right.unitStarts());
            }
        },
        TAKES_TOO_MUCH_MEMORY("bytes were allocated") {
            @Override
            EncodedRecord changed(EncodedRecord right) {
                assertThat(new byte[64 << 20]).isNotEmpty();
                return right;
            }
        },
        IS_ANOTHER_EACH_TIME("other rows") {
            private int calls;

            @Override
            EncodedRecord changed(EncodedRecord right) {
                if (calls++ > 0) {
                    byte[] first = right.chunks().get(0).bytes();
                    first[right.chunks().get(0).length() - 1] ^= 1;
                }
                return right;
            }
        },
        CUTS_EXCERPTS_SHORT("has 0 units") {
            @Override
            public Stream<byte[]> excerpts(
                    Signal signal, RecordEncoding encoding, byte[] record, List<UnitRange> parts) {
                return parts.stream().map(part -> new byte[0]);
            }
        };

        private final String finding;

        Broken(String finding) {
            this.finding = finding;
        }

        EncodedRecord changed(EncodedRecord right) {
            return right;
        }

        @Override
        public EncodedRecord encode(RecordEncoder encoder, byte[] record, Predicate<String> known)
                throws RefusedRecordException {
            return changed(encoder.encode(record, known));
        }

        @Override
        public Stream<byte[]> excerpts(Signal signal, RecordEncoding encoding, byte[] record, List<UnitRange> parts) {
            return Product.CODEC.excerpts(signal, encoding, record, parts);
        }

        private static EncodedRecord with(EncodedRecord right, List<CopyChunk> chunks, int[] unitStarts) {
            return new EncodedRecord(
                    chunks,
                    right.rowIds(),
                    unitStarts,
                    right.spans(),
                    right.dimensions(),
                    right.attributesDropped(),
                    right.attributesDuplicated(),
                    right.unknownFields(),
                    right.emptyEnvelopes());
        }
    }
}
