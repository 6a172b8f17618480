package io.ollyscale.faults.postgres;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** The cuts that wait for a connection to get where they are made, in the order of arming. Safe for several threads. */
final class ArmedCuts {

    /** @param done completed when the connection has been cut; once it is cancelled, the cut isn't made any more */
    record AtCommit(CommitCut kind, CompletableFuture<Void> done) {}

    private static final class InCopy {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private long bytesLeft;

        private InCopy(long bytes) {
            bytesLeft = bytes;
        }
    }

    /** @param done null if all of the bytes pass */
    record CopyPart(int passing, CompletableFuture<Void> done) {}

    private final Queue<AtCommit> atCommit = new ArrayDeque<>();
    private final Queue<InCopy> inCopy = new ArrayDeque<>();

    synchronized CompletableFuture<Void> add(CommitCut kind) {
        AtCommit cut = new AtCommit(kind, new CompletableFuture<>());
        atCommit.add(cut);
        return cut.done();
    }

    synchronized CompletableFuture<Void> addInCopy(long afterBytes) {
        InCopy cut = new InCopy(afterBytes);
        inCopy.add(cut);
        return cut.done;
    }

    /** Armed again: the COMMIT that it was taken for has failed. */
    synchronized void giveBack(AtCommit cut) {
        atCommit.add(cut);
    }

    synchronized Optional<AtCommit> takeAtCommit() {
        atCommit.removeIf(cut -> cut.done().isDone());
        return Optional.ofNullable(atCommit.poll());
    }

    /** Which of the data that are about to pass may. */
    synchronized CopyPart copy(int bytes) {
        inCopy.removeIf(cut -> cut.done.isDone());
        InCopy cut = inCopy.peek();
        if (cut == null) {
            return new CopyPart(bytes, null);
        }
        if (cut.bytesLeft >= bytes) {
            cut.bytesLeft -= bytes;
            return new CopyPart(bytes, null);
        }
        inCopy.remove();
        return new CopyPart((int) cut.bytesLeft, cut.done);
    }
}
