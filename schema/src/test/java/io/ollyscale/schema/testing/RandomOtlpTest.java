package io.ollyscale.schema.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomOtlpTest {
    private static final int RECORDS = 300;
    private static final Set<String> REFUSED = Set.of("string_value_strindex", "key_strindex");

    @ParameterizedTest
    @EnumSource
    void setsEveryFieldOfTheDescriptors(Signal signal) {
        Set<FieldDescriptor> expected = MessageVariants.fields(signal.message().getDescriptorForType());
        expected.removeIf(field -> REFUSED.contains(field.getName()));
        RandomOtlp random = new RandomOtlp(1, signal);

        Set<FieldDescriptor> set = new HashSet<>();
        for (int i = 0; i < RECORDS; i++) {
            set.addAll(MessageVariants.fieldsSet(random.record(i % 30)));
        }

        assertThat(set).containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @EnumSource
    void recordsHoldTheUnitsAskedForAndAreStored(Signal signal) throws Exception {
        RecordEncoder encoder =
                new RecordEncoder(signal, RecordEncoding.OTLP_PROTO, TestPolicy.POLICY, DecodingLimits.DEFAULT);
        RandomOtlp random = new RandomOtlp(2, signal);
        for (int i = 0; i < RECORDS; i++) {
            int units = i % 30;
            Message record = random.record(units);

            EncodedRecord encoded = encoder.encode(record.toByteArray());

            assertThat(encoded.units()).isEqualTo(units);
            assertThat(encoded.unknownFields()).isZero();
            assertThat(RecordSet.of(record).size()).isEqualTo(units);
            // Reads the tuples as strictly as PostgreSQL does.
            assertThat(new EncodedRows(encoded)).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void jsonHoldsTheRecordsMadeForIt(Signal signal) throws Exception {
        OtlpJson json = new OtlpJson(100);
        RandomOtlp random = RandomOtlp.forJson(3, signal);
        for (int i = 0; i < RECORDS; i++) {
            Message record = random.record(i % 10);

            Message read =
                    json.parse(OtlpJsonWriter.write(record), signal.message()).message();

            assertThat(read.toByteString()).isEqualTo(record.toByteString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameSeedGivesTheSameRecords(Signal signal) {
        RandomOtlp first = new RandomOtlp(4, signal);
        RandomOtlp second = new RandomOtlp(4, signal);

        assertThat(first.record(20).toByteString()).isEqualTo(second.record(20).toByteString());
        assertThat(new RandomOtlp(5, signal).record(20).toByteString())
                .isNotEqualTo(new RandomOtlp(4, signal).record(20).toByteString());
    }
}
