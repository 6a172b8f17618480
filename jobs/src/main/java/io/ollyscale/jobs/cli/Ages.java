package io.ollyscale.jobs.cli;

import java.time.Duration;

/** Times since something as people write them. */
public final class Ages {

    private Ages() {}

    public static String of(Duration age) {
        if (age.compareTo(Duration.ofMinutes(2)) < 0) {
            return age.toSeconds() + " s";
        }
        if (age.compareTo(Duration.ofHours(2)) < 0) {
            return age.toMinutes() + " min";
        }
        return age.compareTo(Duration.ofDays(2)) < 0 ? age.toHours() + " h" : age.toDays() + " days";
    }
}
