package io.ollyscale.jobs.cli.top;

import java.util.Comparator;

/**
 * What a row is about.
 *
 * @param service its name; null where it has none
 * @param namespace null where it has none
 * @param environment null where it has none
 * @param serviceId of a service whose dimension isn't stored yet, so that the name isn't known; null for any other
 * @param operation the span name; null for the service as a whole
 * @param kind the span kind's name, or its number where it has none; null for the service as a whole
 */
public record Subject(
        String service, String namespace, String environment, Long serviceId, String operation, String kind)
        implements Comparable<Subject> {

    private static final Comparator<String> TEXT = Comparator.nullsLast(Comparator.naturalOrder());

    private static final Comparator<Subject> ORDER = Comparator.comparing(Subject::service, TEXT)
            .thenComparing(Subject::namespace, TEXT)
            .thenComparing(Subject::environment, TEXT)
            .thenComparing(Subject::serviceId, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Subject::operation, TEXT)
            .thenComparing(Subject::kind, TEXT);

    @Override
    public int compareTo(Subject other) {
        return ORDER.compare(this, other);
    }
}
