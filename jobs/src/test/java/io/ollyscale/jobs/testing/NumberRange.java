package io.ollyscale.jobs.testing;

import java.util.List;
import java.util.stream.IntStream;

/** The numbers of published units from {@code first} up to before {@code end}, multiples of {@link #IN_RECORD}. */
public record NumberRange(int first, int end) {

    /** Units in a record. */
    public static final int IN_RECORD = 25;

    /** Those that follow. */
    public NumberRange next(int count) {
        return new NumberRange(end, end + count);
    }

    public List<Integer> each() {
        return IntStream.range(first, end).boxed().toList();
    }
}
