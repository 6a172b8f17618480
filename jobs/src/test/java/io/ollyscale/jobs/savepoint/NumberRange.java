package io.ollyscale.jobs.savepoint;

import java.util.List;
import java.util.stream.IntStream;

/** The numbers of published units from {@code first} up to before {@code end}, multiples of {@link #IN_RECORD}. */
record NumberRange(int first, int end) {

    /** Units in a record. */
    static final int IN_RECORD = 25;

    /** Those that follow. */
    NumberRange next(int count) {
        return new NumberRange(end, end + count);
    }

    List<Integer> each() {
        return IntStream.range(first, end).boxed().toList();
    }
}
