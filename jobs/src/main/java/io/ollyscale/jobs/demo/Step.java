package io.ollyscale.jobs.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.nio.ByteBuffer;
import java.util.List;

/** One execution of an operation: what becomes a span. Filled by {@link Performance}. Not thread-safe. */
final class Step {
    private final Story story;
    private final Operation operation;
    private final Instance instance;
    private final Step parent;
    private final int repetition;
    private final int attempt;
    private final ByteString spanId;
    private final long random;
    private long start;
    private long end;
    private Fault fault;
    private boolean failedByItself;

    /**
     * @param parent null for the root
     * @param repetition of a step that is done several times, from 0
     * @param attempt of those until one succeeds, from 0
     */
    Step(
            Story story,
            Operation operation,
            Instance instance,
            Step parent,
            int repetition,
            int attempt,
            long start,
            Dice dice) {
        this.story = story;
        this.operation = operation;
        this.instance = instance;
        this.parent = parent;
        this.repetition = repetition;
        this.attempt = attempt;
        this.spanId = id(dice);
        this.random = dice.next();
        this.start = start;
    }

    void finish(long endNanos) {
        end = endNanos;
    }

    void fail(Fault ownFault) {
        fault = ownFault;
        failedByItself = true;
    }

    void failBecauseOf(Step child) {
        fault = child.fault;
    }

    void shift(long nanos) {
        start += nanos;
        end += nanos;
    }

    Story story() {
        return story;
    }

    Request request() {
        return story.request();
    }

    Operation operation() {
        return operation;
    }

    Instance instance() {
        return instance;
    }

    /** Null for the root. */
    Step parent() {
        return parent;
    }

    /** Whether the parent is in another process. */
    boolean isCalledFromElsewhere() {
        return parent != null && parent.instance != instance;
    }

    int repetition() {
        return repetition;
    }

    int attempt() {
        return attempt;
    }

    ByteString spanId() {
        return spanId;
    }

    /** Unix nanoseconds, once the story is told. */
    long start() {
        return start;
    }

    /** Unix nanoseconds, once the story is told. */
    long end() {
        return end;
    }

    boolean isFailed() {
        return fault != null;
    }

    /** What went wrong, here or below; null if nothing did. */
    Fault fault() {
        return fault;
    }

    /** Whether it went wrong here and not below. */
    boolean isFailedByItself() {
        return failedByItself;
    }

    /**
     * Attributes of the exception that it ended with: its own one; of a server that fails because of another one, what its
     * client library throws. Empty if there is none.
     */
    List<KeyValue> exception() {
        if (fault == null) {
            return List.of();
        }
        if (failedByItself) {
            return fault.exception();
        }
        return isServer() && fault.kind().isServersFault()
                ? instance.service().sdk().exceptionOfFailedCall(fault)
                : List.of();
    }

    boolean isServer() {
        return operation.kind() == SpanKind.SPAN_KIND_SERVER;
    }

    long nanos() {
        return end - start;
    }

    /** Random bits that are always the same for one salt, whoever asks: what is rendered draws nothing. */
    long random(long salt) {
        return Dice.mix(random + salt * 0x9e3779b97f4a7c15L);
    }

    private static ByteString id(Dice dice) {
        return UnsafeByteOperations.unsafeWrap(
                ByteBuffer.allocate(Long.BYTES).putLong(dice.next()).array());
    }
}
