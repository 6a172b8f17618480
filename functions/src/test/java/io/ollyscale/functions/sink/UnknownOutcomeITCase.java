package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.functions.ledger.PositionLedger;
import io.ollyscale.functions.sink.CuttingProxy.Cut;
import java.sql.Connection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that breaks around COMMIT: the writer can't know what happened, its successor can. */
@ExtendWith(Servers.class)
class UnknownOutcomeITCase {
    private static final int SPANS = 100;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void successorFindsWhatHappenedInTheLedger(Cut cut, Stack stack) throws Exception {
        loseAnswer(cut, stack, new PositionLedger());

        Writer successor = stack.writer().open();
        successor.store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        stack.assertStoresFirst(2 * SPANS);
        assertThat(successor.metrics().recordsSkipped.getCount())
                .isEqualTo(cut == Cut.BEFORE_COMMIT_IS_ANSWERED ? 1 : 0);
    }

    /** The scenario is a real one: what no ledger is asked about is stored twice. */
    @Test
    void successorDuplicatesWhatWasStoredWithoutTheLedger(Stack stack) throws Exception {
        loseAnswer(Cut.BEFORE_COMMIT_IS_ANSWERED, stack, new ForgetfulLedger());

        stack.writer().ledger(new ForgetfulLedger()).open().store(stack.batch(0, SPANS), stack.batch(1, SPANS));

        assertThat(stack.numbers())
                .isEqualTo(LongStream.range(0, 2 * SPANS)
                        .flatMap(number -> number < SPANS ? LongStream.of(number, number) : LongStream.of(number))
                        .boxed()
                        .toList());
    }

    @Test
    void backendTerminatedDuringCommitIsAnUnknownOutcome(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        try (Connection gate = stack.closeGateOfCommit()) {
            Future<Void> storing = writer.storeInBackground(stack.batch(0, SPANS));
            stack.execute("SELECT pg_terminate_backend(" + stack.awaitBlocked() + ")");
            assertThatThrownBy(() -> storing.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnknownOutcomeException.class);
            gate.rollback();
        }
        stack.assertNothingStored();

        stack.writer().open().store(stack.batch(0, SPANS));

        stack.assertStoresFirst(SPANS);
    }

    private static void loseAnswer(Cut cut, Stack stack, PositionLedger ledger) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(PassingErrorITCase.port(stack))) {
            Writer writer = stack.writer()
                    .ledger(ledger)
                    .postgres(PassingErrorITCase.through(proxy, stack))
                    .open();
            proxy.cutAtNextCommit(cut);
            assertThatThrownBy(() -> writer.store(stack.batch(0, SPANS)))
                    .isInstanceOf(UnknownOutcomeException.class)
                    .hasMessageContaining("the ledger will tell");
        }
    }
}
