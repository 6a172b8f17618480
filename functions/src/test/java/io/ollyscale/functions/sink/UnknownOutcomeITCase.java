package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.sink.CuttingProxy.Cut;
import io.ollyscale.schema.otlp.Signal;
import java.sql.Connection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection that breaks around COMMIT: the writer can't know what happened, its successor can. */
@ExtendWith(Servers.class)
class UnknownOutcomeITCase {
    private static final int UNITS = 100;

    static Stream<Arguments> cuts() {
        return Stream.of(Signal.values())
                .flatMap(signal ->
                        Stream.of(Cut.values()).filter(cut -> cut != Cut.NONE).map(cut -> Arguments.of(signal, cut)));
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void successorFindsWhatHappenedInTheLedger(Signal signal, Cut cut, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        loseAnswer(cut, stack, new PositionLedger());

        Writer successor = stack.writer().open();
        successor.store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        stack.assertStoresFirst(2 * UNITS);
        assertThat(successor.metrics().recordsSkipped.getCount())
                .isEqualTo(cut == Cut.BEFORE_COMMIT_IS_ANSWERED ? 1 : 0);
    }

    /** The scenario is a real one: what no ledger is asked about is stored twice. */
    @ParameterizedTest
    @EnumSource
    void successorDuplicatesWhatWasStoredWithoutTheLedger(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        loseAnswer(Cut.BEFORE_COMMIT_IS_ANSWERED, stack, new ForgetfulLedger());

        stack.writer().ledger(new ForgetfulLedger()).open().store(stack.batch(0, UNITS), stack.batch(1, UNITS));

        assertThat(stack.numbers())
                .isEqualTo(LongStream.range(0, 2 * UNITS)
                        .flatMap(number -> number < UNITS ? LongStream.of(number, number) : LongStream.of(number))
                        .boxed()
                        .toList());
    }

    @Test
    void backendTerminatedDuringCommitIsAnUnknownOutcome(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        try (Connection gate = stack.closeGateOfCommit()) {
            Future<Void> storing = writer.storeInBackground(stack.batch(0, UNITS));
            stack.execute("SELECT pg_terminate_backend(" + stack.awaitBlocked() + ")");
            assertThatThrownBy(() -> storing.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnknownOutcomeException.class);
            gate.rollback();
        }
        stack.assertNothingStored();

        stack.writer().open().store(stack.batch(0, UNITS));

        stack.assertStoresFirst(UNITS);
    }

    private static void loseAnswer(Cut cut, Stack stack, PositionLedger ledger) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(PassingErrorITCase.port(stack))) {
            Writer writer = stack.writer()
                    .ledger(ledger)
                    .postgres(PassingErrorITCase.through(proxy, stack))
                    .open();
            proxy.cutAtNextCommit(cut);
            assertThatThrownBy(() -> writer.store(stack.batch(0, UNITS)))
                    .isInstanceOf(UnknownOutcomeException.class)
                    .hasMessageContaining("the ledger will tell");
        }
    }
}
