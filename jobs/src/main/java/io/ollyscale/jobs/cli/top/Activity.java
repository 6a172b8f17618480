package io.ollyscale.jobs.cli.top;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rate, errors and durations of a service or an operation within the window. Of a service they are its requests': its
 * SERVER and CONSUMER spans. Where it has none of those they are all its spans'. Not for several threads.
 */
public final class Activity {

    private final Subject subject;
    private final Set<String> versions = new TreeSet<>();
    private Measures all = Measures.NONE;
    private Measures requests = Measures.NONE;
    private long instances;
    private Instant lastSeen = Instant.MIN;

    Activity(Subject subject) {
        this.subject = subject;
    }

    /** Of all spans, whatever their kind. */
    void all(Measures measures) {
        all = measures;
    }

    /** Of the spans with which work came in. */
    void requests(Measures measures) {
        requests = measures;
    }

    void addVersion(String version) {
        versions.add(version);
    }

    void instances(long count) {
        instances = count;
    }

    void seen(Instant time) {
        lastSeen = time.isAfter(lastSeen) ? time : lastSeen;
    }

    public Subject subject() {
        return subject;
    }

    /** All spans, whatever their kind. */
    public long spans() {
        return all.spans();
    }

    /** The spans with which work came in; 0 where the service has none. */
    public long requests() {
        return requests.spans();
    }

    /** What errors and durations are of: the requests, or all spans where there are none. */
    public Measures measured() {
        return requests.spans() > 0 ? requests : all;
    }

    /** Those of the service that had spans; empty where they have none. */
    public Set<String> versions() {
        return versions;
    }

    /** How many of the service's instances had spans. */
    public long instances() {
        return instances;
    }

    /** The end of the last minute in which a span began, or the window's where that isn't over. */
    public Instant lastSeen() {
        return lastSeen;
    }
}
