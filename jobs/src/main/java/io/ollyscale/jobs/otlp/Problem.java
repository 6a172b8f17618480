package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.HttpStatus;

/** Why a request is refused, and how the specification has it said: the HTTP status, and the number of the gRPC code. */
enum Problem {
    /** Sent again, it would fare no better. */
    UNDECODABLE(HttpStatus.BAD_REQUEST, 3),
    TOO_LARGE(HttpStatus.REQUEST_ENTITY_TOO_LARGE, 8),
    /** The sender should try again: too much is under way, the sender was too slow, or Kafka isn't there. */
    UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, 14),
    UNSUPPORTED_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 3),
    /** gRPC has a code of its own for a compression that the server doesn't know. */
    UNSUPPORTED_ENCODING(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 12),
    NOT_POST(HttpStatus.METHOD_NOT_ALLOWED, 12),
    UNKNOWN_SERVICE(HttpStatus.NOT_FOUND, 12),
    FOREIGN_PAGE(HttpStatus.FORBIDDEN, 7),
    /** A fault of ours. */
    INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, 13);

    private final HttpStatus httpStatus;
    private final int grpcCode;

    Problem(HttpStatus httpStatus, int grpcCode) {
        this.httpStatus = httpStatus;
        this.grpcCode = grpcCode;
    }

    HttpStatus httpStatus() {
        return httpStatus;
    }

    int grpcCode() {
        return grpcCode;
    }
}
