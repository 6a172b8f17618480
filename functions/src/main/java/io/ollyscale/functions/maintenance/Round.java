package io.ollyscale.functions.maintenance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What was done at one time, and what couldn't be. Not for several threads. */
public final class Round {

    private final Set<Chore> done = EnumSet.noneOf(Chore.class);
    private final List<Failure> failures = new ArrayList<>();
    private final Set<Chore> putOff = EnumSet.noneOf(Chore.class);
    private final List<String> disposals = new ArrayList<>();
    private boolean foldedElsewhere;
    private Duration rollupLag;
    private UnstoredDimensions dimensions;
    private long replaysPublished;

    /**
     * Something that is tried again the next time.
     *
     * @param what as in "could not …"
     */
    public record Failure(String what, Exception cause) {}

    Round() {}

    /** Chores that were due and done to their end. */
    public Set<Chore> done() {
        return Collections.unmodifiableSet(done);
    }

    public List<Failure> failures() {
        return Collections.unmodifiableList(failures);
    }

    /** Chores that found locked what they need, and wait for the next time. */
    public Set<Chore> putOff() {
        return Collections.unmodifiableSet(putOff);
    }

    /** Statements that dropped what isn't needed any more, or prepared it. */
    public List<String> disposals() {
        return Collections.unmodifiableList(disposals);
    }

    /** Whether another session was folding, so that this one left it to that. */
    public boolean isFoldedElsewhere() {
        return foldedElsewhere;
    }

    /** How long ago the oldest rollups arrived that aren't folded yet; zero where all are. Empty where nobody looked. */
    public Optional<Duration> rollupLag() {
        return Optional.ofNullable(rollupLag);
    }

    /** Empty where nobody looked. */
    public Optional<UnstoredDimensions> dimensions() {
        return Optional.ofNullable(dimensions);
    }

    /** How many records were published to be stored again. */
    public long replaysPublished() {
        return replaysPublished;
    }

    void done(Chore chore) {
        done.add(chore);
    }

    void putOff(Chore chore) {
        putOff.add(chore);
    }

    void failed(String what, Exception cause) {
        failures.add(new Failure(what, cause));
    }

    void disposed(String statement) {
        disposals.add(statement);
    }

    void foldedElsewhere() {
        foldedElsewhere = true;
    }

    void rollupLag(Duration lag) {
        rollupLag = lag;
    }

    void dimensions(UnstoredDimensions found) {
        dimensions = found;
    }

    void replaysPublished(long count) {
        replaysPublished = count;
    }
}
