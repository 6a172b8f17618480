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
    private final Durations requestDurations = new Durations();
    private final Durations allDurations = new Durations();
    private long spans;
    private long requests;
    private long errors;
    private long requestErrors;
    private long instances;
    private Instant lastSeen = Instant.MIN;

    Activity(Subject subject) {
        this.subject = subject;
    }

    void add(long more, long moreErrors, Durations durations, boolean areRequests) {
        spans += more;
        errors += moreErrors;
        allDurations.add(durations);
        if (areRequests) {
            requests += more;
            requestErrors += moreErrors;
            requestDurations.add(durations);
        }
    }

    void addVersion(String version) {
        versions.add(version);
    }

    void addInstances(long more) {
        instances += more;
    }

    void seen(Instant arrival) {
        lastSeen = arrival.isAfter(lastSeen) ? arrival : lastSeen;
    }

    public Subject subject() {
        return subject;
    }

    /** All spans, whatever their kind. */
    public long spans() {
        return spans;
    }

    /** The spans with which work came in; 0 where the service has none. */
    public long requests() {
        return requests;
    }

    /** Of how many spans errors and durations are: the requests, or all spans where there are none. */
    public long measured() {
        return requests > 0 ? requests : spans;
    }

    public long errors() {
        return requests > 0 ? requestErrors : errors;
    }

    public Durations durations() {
        return requests > 0 ? requestDurations : allDurations;
    }

    /** Those of the service that sent anything; empty where they have none. */
    public Set<String> versions() {
        return versions;
    }

    /** How many of the service's instances sent anything. */
    public long instances() {
        return instances;
    }

    /** When the last span arrived, to the second. */
    public Instant lastSeen() {
        return lastSeen;
    }
}
