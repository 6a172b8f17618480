package io.ollyscale.functions.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.dimensions.Sighting;
import io.ollyscale.functions.policy.PolicyEvent;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.tables.Table;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Policies that replace each other in one subtask: each record is of one of them. */
class PolicySwapTest {
    private static final AttributePolicy NOTHING = new AttributePolicy(Map.of());
    private static final AttributePolicy FIRST = TestPolicy.POLICY.registered(7, key -> 1);
    private static final AttributePolicy SECOND = NOTHING.registered(8, key -> 1);

    private OneInputStreamOperatorTestHarness<RawRecord, RowBatch> harness;

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void aNewerPolicyReplacesTheOneInForce() throws Exception {
        open(FIRST, null);
        assertThat(typedInts()).isPositive();

        send(SECOND);
        assertThat(typedInts()).isZero();

        send(SECOND);
        assertThat(typedInts()).isZero();

        send(TestPolicy.POLICY.registered(9, key -> 1));
        assertThat(typedInts()).isPositive();
    }

    /** Which is so only of a PostgreSQL that was set back: ids of keys may be other keys' there. */
    @Test
    void aVersionThatPostgresHasForgottenStopsTheJob() throws Exception {
        open(FIRST, null);
        send(SECOND);

        for (AttributePolicy older : List.of(
                FIRST,
                TestPolicy.POLICY.registered(8, key -> 1),
                SECOND.registered(8, key -> 2).registered(1, key -> 1))) {
            assertThatThrownBy(() -> send(older))
                    .isInstanceOf(SuppressRestartsException.class)
                    .hasRootCauseMessage(
                            "PostgreSQL doesn't know version 8 of the attribute policy any more: it was set back to an"
                                    + " older state. Start the job without state: it resumes at the ledger's safe_offset under a policy"
                                    + " that PostgreSQL knows");
        }
    }

    @Test
    void dimensionsAreReportedAgainUnderTheNewerOne() throws Exception {
        open(FIRST, null);
        int known = sightings().size();

        assertThat(sightings()).isEmpty();
        send(FIRST);
        assertThat(sightings()).as("of the same policy").isEmpty();
        send(SECOND);
        assertThat(sightings()).hasSize(known);
        assertThat(sightings()).isEmpty();
    }

    @Test
    void aRestoredSubtaskHasThePolicyOfTheCheckpointBeforeItsFirstRecord() throws Exception {
        open(FIRST, null);
        send(SECOND);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 1);
        harness.close();

        open(FIRST, checkpoint);

        assertThat(typedInts()).isZero();
    }

    @Test
    void aSubmissionWithANewerPolicyEndsInThat() throws Exception {
        open(SECOND, null);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 1);
        harness.close();

        open(TestPolicy.POLICY.registered(9, key -> 1), checkpoint);

        assertThat(typedInts()).isPositive();
    }

    private void open(AttributePolicy submitted, OperatorSubtaskState checkpoint) throws Exception {
        harness = new OneInputStreamOperatorTestHarness<>(new FlattenFactory(
                new RecordEncoder(Signal.TRACES, RecordEncoding.OTLP_PROTO, submitted, DecodingLimits.DEFAULT),
                Flatten.NewerOtlp.KEEP_RECORD,
                Duration.ofMinutes(10),
                1_000));
        if (checkpoint != null) {
            harness.initializeState(checkpoint);
        }
        harness.open();
    }

    private void send(AttributePolicy policy) {
        ((Flatten) harness.getOneInputOperator()).handleOperatorEvent(new PolicyEvent(policy.toRegisteredJson()));
    }

    /** Rows of typed ints that one more record gets. */
    private long typedInts() throws Exception {
        harness.getOutput().clear();
        process();
        return harness.extractOutputValues().get(0).rows().chunks().stream()
                .filter(chunk -> chunk.table() == Table.SPAN_ATTRS_INT)
                .mapToLong(chunk -> chunk.rows())
                .sum();
    }

    /** What one more record reports. */
    private List<Sighting> sightings() throws Exception {
        int before = reported().size();
        process();
        return reported().stream().skip(before).map(StreamRecord::getValue).toList();
    }

    private Collection<StreamRecord<Sighting>> reported() {
        Collection<StreamRecord<Sighting>> reported = harness.getSideOutput(Flatten.SIGHTINGS);
        return reported == null ? List.of() : reported;
    }

    private void process() throws Exception {
        byte[] record = TraceRecords.numbered(0, 100).toByteArray();
        harness.processElement(new StreamRecord<>(new RawRecord("topic", 0, 0, 0, 0, null, record, List.of())));
    }
}
