package io.ollyscale.jobs.otlp;

/** A request that isn't taken. The message is for the developer who reads the sender's log. */
final class RefusedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Problem problem;
    private final String field;

    RefusedRequestException(Problem problem, String message) {
        this(problem, message, "");
    }

    private RefusedRequestException(Problem problem, String message, String field) {
        // Senders cause them as often as they like, and a stack says nothing of a request.
        super(message, null, false, false);
        this.problem = problem;
        this.field = field;
    }

    /** @param field where in the message the problem is: a type's name or a JSON pointer; empty where that isn't known */
    static RefusedRequestException undecodable(String field, String message) {
        return new RefusedRequestException(Problem.UNDECODABLE, message, field);
    }

    Problem problem() {
        return problem;
    }

    String field() {
        return field;
    }
}
