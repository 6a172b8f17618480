package io.ollyscale.faults.rounds;

import io.ollyscale.faults.kinds.Fault;
import io.ollyscale.faults.kinds.Faults;
import io.ollyscale.faults.load.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Runs rounds on the same servers, one after another. Not thread-safe. */
public final class Rounds implements AutoCloseable {
    /** Rounds share a store and a job, so that what one leaves behind meets the next; but a check reads all of it. */
    private static final int ROUNDS_OF_A_PIPELINE = 4;

    /** Of all signals together: about a second's. */
    private static final int RECORDS_AFTERWARDS = 45;

    private static final int SHORTEST_PAUSE_MILLIS = 200;
    private static final int LONGEST_PAUSE_MILLIS = 2_500;

    private final Servers servers;
    private final Path jobJar;
    private final Path directory;
    private final String name;
    private int pipelines;
    private int roundsOfPipeline;
    private Pipeline pipeline;

    /** @param name of databases and topics, with a number added */
    public Rounds(Servers servers, Path jobJar, Path directory, String name) {
        this.name = name;
        this.servers = servers;
        this.jobJar = jobJar;
        this.directory = directory;
    }

    /** Lets faults strike together, at random moments, while load flows, mends them, and checks. */
    public Round run(List<Fault> faults, Random random) throws InterruptedException {
        long start = System.nanoTime();
        int startsBefore = 0;
        try {
            Faults.mend(servers);
            preparePipeline();
            startsBefore = pipeline.startsWithoutState();
            pipeline.awaitFlow();
            start = System.nanoTime();
            List<Fault> missed = strike(faults, random);
            pipeline.flow(RECORDS_AFTERWARDS);
            pipeline.awaitSafe();
            Duration took = since(start);
            Outcome outcome = pipeline.check();
            Round round = new Round(
                    faults, missed, outcome, pipeline.startsWithoutState() - startsBefore, took, Optional.empty());
            if (!round.isGood()) {
                endPipeline();
            }
            return round;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return new Round(faults, List.of(), afterFailure(e), 0, since(start), Optional.of(e));
        }
    }

    /** What is stored all the same; the next round begins with a new store. */
    private Outcome afterFailure(Exception failure) {
        Outcome outcome = Outcome.NOTHING;
        try {
            Faults.mend(servers);
            if (pipeline != null) {
                pipeline.load().pause();
                outcome = pipeline.check();
            }
        } catch (Exception again) {
            failure.addSuppressed(again);
        }
        try {
            endPipeline();
        } catch (Exception again) {
            failure.addSuppressed(again);
        }
        return outcome;
    }

    @Override
    public void close() {
        endPipeline();
    }

    /** Returns those that found nothing to hit. */
    private List<Fault> strike(List<Fault> faults, Random random) throws Exception {
        List<Fault> missed = new ArrayList<>();
        Deque<Fault.Repair> repairs = new ArrayDeque<>();
        Exception failure = null;
        try {
            for (Fault fault :
                    faults.stream().sorted(Comparator.comparing(Fault::target)).toList()) {
                try {
                    repairs.push(fault.strike().on(servers, pipeline, random));
                } catch (Fault.MissedException e) {
                    missed.add(fault);
                }
                pause(random);
            }
        } catch (Exception e) {
            failure = e;
        }
        for (Fault.Repair repair : repairs) {
            try {
                repair.mend();
                pause(random);
            } catch (Exception e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return missed;
    }

    /** When the next thing happens shall not depend on what the last one did. */
    private static void pause(Random random) throws InterruptedException {
        Thread.sleep(SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS));
    }

    private void preparePipeline() throws IOException, SQLException {
        if (pipeline != null && roundsOfPipeline == ROUNDS_OF_A_PIPELINE) {
            endPipeline();
        }
        if (pipeline == null) {
            roundsOfPipeline = 0;
            pipeline = Pipeline.start(servers, jobJar, directory, name + "_" + ++pipelines);
        }
        roundsOfPipeline++;
    }

    private void endPipeline() {
        Pipeline ending = pipeline;
        pipeline = null;
        if (ending != null) {
            ending.close();
        }
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }
}
