package io.ollyscale.jobs.demo;

/** Where the shop runs. */
enum Environment {
    PRODUCTION("production"),
    STAGING("staging");

    private static final double IN_STAGING = 0.08;

    private final String text;

    Environment(String text) {
        this.text = text;
    }

    /** As {@code deployment.environment.name} has it. */
    String text() {
        return text;
    }

    static Environment draw(Dice dice) {
        return dice.chance(IN_STAGING) ? STAGING : PRODUCTION;
    }
}
