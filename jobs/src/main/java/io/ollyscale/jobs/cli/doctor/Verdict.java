package io.ollyscale.jobs.cli.doctor;

/**
 * The answer of a check.
 *
 * @param text one line: what is, and what to do about it unless it is good
 */
public record Verdict(Level level, String text) {

    static Verdict ok(String text) {
        return new Verdict(Level.OK, text);
    }

    static Verdict warning(String text) {
        return new Verdict(Level.WARNING, text);
    }

    static Verdict failed(String text) {
        return new Verdict(Level.FAILED, text);
    }

    static Verdict skipped(String text) {
        return new Verdict(Level.SKIPPED, text);
    }
}
