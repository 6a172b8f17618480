package io.ollyscale.schema.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.ollyscale.schema.testing.MessageVariants;
import io.ollyscale.schema.testing.MessageVariants.Variant;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.RecordSet;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the tables against the specification's own messages: a new field of OTLP fails here until it has a place. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FieldCoverageTest {

    /** Fields without a place in the tables, and why. */
    private static final Map<FieldDescriptor, String> WITHOUT_A_PLACE = Map.of(
            AnyValue.getDescriptor().findFieldByName("string_value_strindex"),
            "refers to a dictionary, which only profiles have: refused",
            KeyValue.getDescriptor().findFieldByName("key_strindex"),
            "refers to a dictionary, which only profiles have: refused");

    private final Map<Signal, Map<FieldDescriptor, List<Variant>>> variants = new EnumMap<>(Signal.class);

    FieldCoverageTest() {
        for (Signal signal : Signal.values()) {
            variants.put(
                    signal,
                    MessageVariants.withOneFieldChanged(NumberedRecords.allFields(signal)).stream()
                            .collect(Collectors.groupingBy(Variant::field)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSampleRecordSetsEveryFieldThatHasAPlace(Signal signal) {
        assertThat(MessageVariants.fieldsSet(NumberedRecords.allFields(signal)))
                .containsExactlyInAnyOrderElementsOf(fieldsWithAPlace(signal));
    }

    /** So each of them has a place. */
    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("fields")
    void recordsThatDifferInOneFieldStayDifferent(Signal signal, FieldDescriptor field, String name) throws Exception {
        List<Object> whole = StoredForm.of(signal, NumberedRecords.allFields(signal));
        Map<List<Object>, Variant> seen = new HashMap<>();
        List<Variant> ofField = variants.get(signal).get(field);

        assertThat(ofField).isNotEmpty();
        for (Variant variant : ofField) {
            List<Object> stored = StoredForm.of(signal, variant.message());
            assertThat(stored).as(variant.path()).isNotEqualTo(whole);
            Variant same = seen.put(stored, variant);
            if (same != null) {
                assertThat(RecordSet.of(same.message()).difference(RecordSet.of(variant.message())))
                        .as("%s is stored as %s is", variant, same)
                        .isEmpty();
            }
        }
    }

    Stream<Arguments> fields() {
        return Stream.of(Signal.values())
                .flatMap(signal -> fieldsWithAPlace(signal).stream()
                        .sorted(Comparator.comparing(FieldDescriptor::getFullName))
                        .map(field -> Arguments.of(signal, field, field.getFullName())));
    }

    private static Set<FieldDescriptor> fieldsWithAPlace(Signal signal) {
        Set<FieldDescriptor> fields = MessageVariants.fields(signal.message().getDescriptorForType());
        fields.removeAll(WITHOUT_A_PLACE.keySet());
        return fields;
    }
}
