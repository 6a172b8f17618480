package io.ollyscale.faults.rounds;

import io.ollyscale.faults.kinds.Fault;
import io.ollyscale.faults.load.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Runs rounds on the same servers, one after another. Not thread-safe. */
public final class Rounds implements AutoCloseable {
    /** Rounds share a store and a job, so that what one leaves behind meets the next; but a check reads all of it. */
    private static final int ROUNDS_OF_A_PIPELINE = 8;

    /** Of all signals together: about a second's. */
    private static final int RECORDS_BEFORE = 45;

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
            servers.restore();
            preparePipeline();
            startsBefore = pipeline.startsWithoutState();
            pipeline.flow(RECORDS_BEFORE);
            start = System.nanoTime();
            strike(faults, random);
            pipeline.flow(RECORDS_BEFORE);
            pipeline.awaitStored();
            Duration took = since(start);
            Outcome outcome = pipeline.check();
            Round round =
                    new Round(faults, outcome, pipeline.startsWithoutState() - startsBefore, took, Optional.empty());
            if (!round.isGood()) {
                endPipeline();
            }
            return round;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            Round round = new Round(faults, Outcome.NOTHING, 0, since(start), Optional.of(e));
            try {
                servers.restore();
                endPipeline();
            } catch (SQLException | RuntimeException again) {
                e.addSuppressed(again);
            }
            return round;
        }
    }

    @Override
    public void close() throws SQLException {
        endPipeline();
    }

    private void strike(List<Fault> faults, Random random) throws Exception {
        Deque<Fault.Repair> repairs = new ArrayDeque<>();
        Exception failure = null;
        try {
            for (Fault fault :
                    faults.stream().sorted(Comparator.comparing(Fault::target)).toList()) {
                repairs.push(fault.strike().on(servers, pipeline, random));
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
            pipelines++;
            roundsOfPipeline = 0;
            pipeline = Pipeline.start(servers, jobJar, directory, name + "_" + pipelines);
        }
        roundsOfPipeline++;
    }

    private void endPipeline() throws SQLException {
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
