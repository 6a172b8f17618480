package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the tables against the specification's own messages: a new field of OTLP fails here until it has a place. */
class FieldCoverageTest {

    /** Fields without a place in the tables, and why. */
    private static final Map<FieldDescriptor, String> WITHOUT_A_PLACE = Map.of(
            AnyValue.getDescriptor().findFieldByName("string_value_strindex"),
            "refers to a dictionary, which only profiles have: refused",
            KeyValue.getDescriptor().findFieldByName("key_strindex"),
            "refers to a dictionary, which only profiles have: refused");

    @Test
    void theSampleRecordSetsEveryFieldThatHasAPlace() {
        Set<FieldDescriptor> expected = MessageVariants.fields(TracesData.getDescriptor());
        expected.removeAll(WITHOUT_A_PLACE.keySet());

        assertThat(MessageVariants.fieldsSet(TraceRecords.allFields())).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** So each of them has a place. */
    @Test
    void eachFieldChangesWhatIsStored() throws Exception {
        Stored whole = Stored.of(TraceRecords.allFields());
        for (Map.Entry<String, TracesData> variant :
                MessageVariants.withoutOneField(TraceRecords.allFields()).entrySet()) {
            assertThat(Stored.of(variant.getValue())).as(variant.getKey()).isNotEqualTo(whole);
        }
    }

    private record Stored(EncodedRows rows, String dimensions) {
        static Stored of(TracesData record) throws RefusedRecordException {
            EncodedRecord encoded = Encoding.encode(record);
            // The hashes cover every field already; what is compared is what can be read back.
            StringBuilder dimensions = new StringBuilder();
            for (Dimension dimension : encoded.dimensions()) {
                dimensions.append(dimension.columns()).append(dimension.other());
                Dimension.TypedAttributes typed = dimension.attributes();
                dimensions.append(typed.stringKeys()).append(typed.strings()).append(typed.intKeys());
                dimensions.append(typed.ints()).append(typed.doubleKeys()).append(typed.doubles());
                dimensions.append(typed.boolKeys()).append(typed.bools()).append(typed.bytesKeys());
                typed.bytes().forEach(bytes -> dimensions.append(Arrays.toString(bytes)));
            }
            return new Stored(new EncodedRows(encoded), dimensions.toString());
        }
    }
}
