package io.ollyscale.schema.testing;

import static io.ollyscale.schema.testing.OtlpValues.attribute;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.MessageVariants.Variant;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordSetTest {

    @ParameterizedTest
    @EnumSource
    void findsADifferenceInAnyField(Signal signal) {
        Message record = NumberedRecords.allFields(signal);
        RecordSet whole = RecordSet.of(record);
        for (Variant variant : MessageVariants.withOneFieldChanged(record)) {
            assertThat(RecordSet.of(variant.message())).as(variant.path()).isNotEqualTo(whole);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOrderOfAttributesAndTheGroupingDontMatter(Signal signal) {
        RandomOtlp random = new RandomOtlp(6, signal);
        Random order = new Random(7);
        for (int i = 0; i < 100; i++) {
            Message record = random.record(10);

            Message changed = regrouped(shuffled(record, order));

            assertThat(RecordSet.of(record).difference(RecordSet.of(changed))).isEmpty();
            assertThat(changed.toByteString()).isNotEqualTo(record.toByteString());
        }
    }

    @Test
    void theOrderOfEqualKeysMatters() {
        KeyValue first = attribute("key", 1);
        KeyValue second = attribute("key", 2);

        assertThat(with(first, second).difference(with(second, first))).hasSize(2);
        assertThat(with(attribute("list", OtlpValues.kvlist(first, second)))
                        .difference(with(attribute("list", OtlpValues.kvlist(second, first)))))
                .hasSize(2);
    }

    @Test
    void theOrderOfAnArrayMatters() {
        assertThat(with(attribute("list", List.of(1, 2))).difference(with(attribute("list", List.of(2, 1)))))
                .hasSize(2);
    }

    @Test
    void theOrderOfAKvlistDoesnt() {
        KeyValue first = attribute("a", 1);
        KeyValue second = attribute("b", 2);

        assertThat(with(attribute("list", List.of(OtlpValues.kvlist(first, second))))
                        .difference(with(attribute("list", List.of(OtlpValues.kvlist(second, first))))))
                .isEmpty();
    }

    @Test
    void nanIsOfItsPayloadAndZeroOfItsSign() {
        assertThat(with(attribute("nan", Double.NaN))
                        .difference(with(attribute("nan", Double.longBitsToDouble(0x7ff800000000beefL)))))
                .hasSize(2);
        assertThat(with(attribute("zero", 0.0)).difference(with(attribute("zero", -0.0))))
                .hasSize(2);
        assertThat(with(attribute("nan", Double.NaN)).difference(with(attribute("nan", Double.NaN))))
                .isEmpty();
    }

    @Test
    void countsEqualUnits() {
        RecordSet once = RecordSet.of(TraceRecords.numbered(1, 1));
        RecordSet twice = RecordSet.of(TraceRecords.numbered(1, 1), TraceRecords.numbered(1, 1));

        assertThat(once.difference(twice)).hasSize(1).allMatch(difference -> difference.startsWith("extra: "));
        assertThat(twice.difference(once)).hasSize(1).allMatch(difference -> difference.startsWith("missing: "));
        assertThat(twice.size()).isEqualTo(2);
    }

    @Test
    void envelopesWithoutAUnitAreNothing() {
        TracesData record = TraceRecords.numbered(1, 1);
        TracesData more = record.toBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(TraceRecords.resource(3))
                        .addScopeSpans(ScopeSpans.newBuilder().setScope(TraceRecords.scope(2))))
                .build();

        assertThat(RecordSet.of(record).difference(RecordSet.of(more))).isEmpty();
    }

    @Test
    void tellsWhatDiffersAndHowMuch() {
        List<String> differences = RecordSet.of(TraceRecords.numbered(0, 100))
                .difference(
                        RecordSet.of(TraceRecords.of(TraceRecords.bareSpan(7).setName("a name that only one has"))));

        assertThat(differences).contains("missing: 100 in all").hasSize(7);
        assertThat(differences.get(0)).contains("/items/{id}");
        assertThat(differences.get(6)).startsWith("extra: ").contains("a name that only one has");
    }

    private static RecordSet with(KeyValue... attributes) {
        return RecordSet.of(
                TraceRecords.of(TraceRecords.bareSpan(1).clearAttributes().addAllAttributes(List.of(attributes))));
    }

    /** Each envelope in two, one of which has the first unit, and in the opposite order. */
    private static Message regrouped(Message envelope) {
        Message.Builder regrouped = envelope.toBuilder();
        for (FieldDescriptor way : OtlpUnits.ways(envelope.getDescriptorForType())) {
            if (!way.isRepeated()) {
                if (envelope.hasField(way)) {
                    regrouped.setField(way, regrouped((Message) envelope.getField(way)));
                }
                continue;
            }
            List<Message> elements = new ArrayList<>();
            for (Object element : (List<?>) envelope.getField(way)) {
                Message message = (Message) element;
                if (OtlpUnits.isUnit(message.getDescriptorForType())) {
                    elements.add(message);
                    continue;
                }
                Message.Builder bare = message.toBuilder();
                OtlpUnits.ways(message.getDescriptorForType()).forEach(bare::clearField);
                elements.add(bare.build());
                elements.add(regrouped(message));
            }
            Collections.reverse(elements);
            regrouped.setField(way, elements);
        }
        return regrouped.build();
    }

    /** Attributes and kvlists in another order, but those of equal keys. */
    private static Message shuffled(Message message, Random order) {
        Message.Builder shuffled = message.toBuilder();
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                return;
            }
            if (!(value instanceof List<?> list)) {
                shuffled.setField(field, shuffled((Message) value, order));
                return;
            }
            List<Message> elements = new ArrayList<>();
            list.forEach(element -> elements.add(shuffled((Message) element, order)));
            if (list.get(0) instanceof KeyValue) {
                Map<String, List<Message>> byKey = new HashMap<>();
                elements.forEach(element -> byKey.computeIfAbsent(((KeyValue) element).getKey(), k -> new ArrayList<>())
                        .add(element));
                List<String> keys = new ArrayList<>();
                elements.forEach(element -> keys.add(((KeyValue) element).getKey()));
                Collections.shuffle(keys, order);
                elements.clear();
                keys.forEach(key -> elements.add(byKey.get(key).remove(0)));
            }
            shuffled.setField(field, elements);
        });
        return shuffled.build();
    }
}
