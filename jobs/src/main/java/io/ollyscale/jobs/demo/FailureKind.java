package io.ollyscale.jobs.demo;

/** Why a request fails, as HTTP and gRPC say it. It stays the same on its way up the tree. */
enum FailureKind {
    INVALID(400, 3, "INVALID_ARGUMENT", false),
    NOT_FOUND(404, 5, "NOT_FOUND", false),
    REFUSED(409, 9, "FAILED_PRECONDITION", false),
    BUSY(429, 8, "RESOURCE_EXHAUSTED", true),
    TIMEOUT(504, 4, "DEADLINE_EXCEEDED", true),
    UNAVAILABLE(503, 14, "UNAVAILABLE", true),
    INTERNAL(500, 13, "INTERNAL", false);

    private final int httpStatus;
    private final int grpcStatus;
    private final String grpcName;
    private final boolean passing;

    FailureKind(int httpStatus, int grpcStatus, String grpcName, boolean passing) {
        this.httpStatus = httpStatus;
        this.grpcStatus = grpcStatus;
        this.grpcName = grpcName;
        this.passing = passing;
    }

    int httpStatus() {
        return httpStatus;
    }

    int grpcStatus() {
        return grpcStatus;
    }

    String grpcName() {
        return grpcName;
    }

    /** Whether it may be tried again. */
    boolean isPassing() {
        return passing;
    }

    /** Whether a server calls it an error of its own, and not of who asked. */
    boolean isServersFault() {
        return httpStatus >= 500;
    }
}
