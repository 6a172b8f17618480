package io.ollyscale.jobs.demo;

/**
 * That an operation does another one.
 *
 * @param chance that it is done at all
 * @param repeated whether it is done for each line of an order, or for each order of a batch
 * @param alongside whether it begins together with the call before it
 * @param tolerated whether the caller goes on when it fails
 * @param retries how often it is tried again when what failed may pass
 */
record Call(Operation operation, double chance, boolean repeated, boolean alongside, boolean tolerated, int retries) {

    static Call to(Operation operation) {
        return new Call(operation, 1, false, false, false, 0);
    }

    Call sometimes(double probability) {
        return new Call(operation, probability, repeated, alongside, tolerated, retries);
    }

    Call forEach() {
        return new Call(operation, chance, true, alongside, tolerated, retries);
    }

    Call asAlongside() {
        return new Call(operation, chance, repeated, true, tolerated, retries);
    }

    Call asTolerated() {
        return new Call(operation, chance, repeated, alongside, true, retries);
    }

    Call retried(int times) {
        return new Call(operation, chance, repeated, alongside, tolerated, times);
    }
}
