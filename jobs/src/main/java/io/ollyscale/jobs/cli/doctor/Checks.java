package io.ollyscale.jobs.cli.doctor;

import java.util.List;

/**
 * Checks of one server or place. They are made one after another on one thread at a time; where the first one fails, the
 * others can't be made.
 */
public interface Checks extends AutoCloseable {

    List<Check> all();

    /** Lets go of what the checks have opened. */
    @Override
    void close();
}
