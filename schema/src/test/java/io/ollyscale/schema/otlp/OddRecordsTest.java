package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.OddJson;
import io.ollyscale.schema.testing.OddRecord;
import io.ollyscale.schema.testing.TestPolicy;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is odd and stored all the same, and never more than it is. */
class OddRecordsTest {

    /** Of rows and dimensions, for each byte on the wire; the smallest record is a few hundred bytes. */
    private static final int MOST_EXPANSION = 8;

    @ParameterizedTest
    @MethodSource
    void oddRecordsBecomeOneUnit(Signal signal, OddRecord odd) throws Exception {
        byte[] record = odd.message().toByteArray();

        EncodedRecord encoded = encoder(signal, RecordEncoding.OTLP_PROTO).encode(record);

        assertThat(encoded.units()).isEqualTo(1);
        assertThat(new EncodedRows(encoded)).isNotNull();
        long memory = encoded.memory()
                + encoded.dimensions().stream().mapToLong(Dimension::memory).sum();
        assertThat(memory).isLessThan(100_000 + (long) MOST_EXPANSION * record.length);
    }

    static Stream<Arguments> oddRecordsBecomeOneUnit() {
        return Arrays.stream(Signal.values())
                .flatMap(signal -> OddRecord.of(signal, 1).stream().map(odd -> Arguments.of(signal, odd)));
    }

    /** All of them but what JSON can't say: a NaN's payload. */
    @ParameterizedTest
    @MethodSource
    void oddRecordsAreTheSameInJson(Signal signal, OddRecord odd) throws Exception {
        byte[] json = OtlpJsonWriter.write(odd.message());

        assertThat(new EncodedRows(encoder(signal, RecordEncoding.OTLP_JSON).encode(json)))
                .isEqualTo(new EncodedRows(encoder(signal, RecordEncoding.OTLP_PROTO)
                        .encode(odd.message().toByteArray())));
    }

    static Stream<Arguments> oddRecordsAreTheSameInJson() {
        return oddRecordsBecomeOneUnit()
                .filter(arguments -> !arguments.get()[1].toString().matches(".*NAN|BOUNDS_THAT_ARE_NO_NUMBERS"));
    }

    @ParameterizedTest
    @MethodSource
    void oddJsonIsStoredAsWhatItSays(Signal signal, OddJson odd) throws Exception {
        Message expected = odd.message(signal, 1);

        assertThat(new EncodedRows(encoder(signal, RecordEncoding.OTLP_JSON).encode(odd.bytes(signal, 1))))
                .isEqualTo(new EncodedRows(
                        encoder(signal, RecordEncoding.OTLP_PROTO).encode(expected.toByteArray())));
    }

    static Stream<Arguments> oddJsonIsStoredAsWhatItSays() {
        return Arrays.stream(Signal.values())
                .flatMap(signal -> Arrays.stream(OddJson.values()).map(odd -> Arguments.of(signal, odd)));
    }

    private static RecordEncoder encoder(Signal signal, RecordEncoding encoding) {
        return new RecordEncoder(signal, encoding, TestPolicy.POLICY, DecodingLimits.DEFAULT);
    }
}
