package io.ollyscale.jobs.cli.doctor;

import io.ollyscale.jobs.cli.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Makes checks: those of different servers side by side, each within a time limit. So a server that is silent costs
 * seconds, and nothing of what can be said of the others.
 *
 * @param limit of each check
 */
public record Examination(Duration limit) {

    private record Pending(Check check, CompletableFuture<Verdict> verdict) {
        Pending(Check check) {
            this(check, new CompletableFuture<>());
        }
    }

    /** @param findings gets each in the order of the checks, as soon as those before it are there */
    public void run(List<? extends Checks> servers, Consumer<Finding> findings) throws InterruptedException {
        List<Pending> all = new ArrayList<>();
        for (Checks server : servers) {
            List<Pending> pending = server.all().stream().map(Pending::new).toList();
            all.addAll(pending);
            daemon(() -> examine(server, pending));
        }
        for (Pending pending : all) {
            findings.accept(new Finding(pending.check().subject(), get(pending.verdict())));
        }
    }

    private void examine(Checks server, List<Pending> pending) {
        String obstacle = null;
        for (Pending next : pending) {
            if (obstacle != null) {
                next.verdict().complete(Verdict.skipped(obstacle));
                continue;
            }
            FutureTask<Verdict> question = new FutureTask<>(next.check().question());
            daemon(question);
            Verdict verdict;
            try {
                verdict = question.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                verdict = Verdict.failed(Failures.line(e.getCause()));
            } catch (TimeoutException e) {
                verdict = Verdict.failed("no answer within " + limit.toSeconds() + " s");
                obstacle = next.check().subject() + " is still being waited for";
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
            }
            if (next == pending.get(0) && verdict.level() == Level.FAILED && obstacle == null) {
                obstacle = next.check().subject() + " must be mended first";
            }
            next.verdict().complete(verdict);
        }
        server.close();
    }

    private static void daemon(Runnable action) {
        Thread thread = new Thread(action, "examination");
        thread.setDaemon(true);
        thread.start();
    }

    private static Verdict get(CompletableFuture<Verdict> verdict) throws InterruptedException {
        try {
            return verdict.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a verdict is never a failure", e);
        }
    }
}
