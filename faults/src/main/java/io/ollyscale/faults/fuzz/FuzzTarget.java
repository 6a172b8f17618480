package io.ollyscale.faults.fuzz;

/** What Jazzer calls, on one thread; the names of the methods are its own. Prints the tally now and then, and at the end. */
public final class FuzzTarget {
    private static final int MESSAGES_BETWEEN_TALLIES = 1_000_000;

    private static final RecordProperties PROPERTIES =
            new RecordProperties(RecordProperties.Product.CODEC, RecordProperties.Depth.SAMPLED);
    private static final Tally TALLY = new Tally();

    private FuzzTarget() {}

    /** @throws AssertionError for an input of which a property doesn't hold */
    public static void fuzzerTestOneInput(byte[] bytes) {
        FuzzInput input = FuzzInput.of(bytes);
        TALLY.add(input, PROPERTIES.check(input));
        if (TALLY.messages() % MESSAGES_BETWEEN_TALLIES == 0) {
            print();
        }
    }

    /** At the end of a run. */
    public static void fuzzerTearDown() {
        print();
    }

    private static void print() {
        System.out.println(TALLY);
    }
}
