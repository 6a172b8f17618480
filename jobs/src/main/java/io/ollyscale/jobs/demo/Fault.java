package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/**
 * Something that goes wrong in an operation by itself.
 *
 * @param chance in each execution to which it applies
 * @param lastsNanos how long the operation takes then, nearly; 0 for as long as otherwise
 * @param exception attributes of the exception that is recorded; none if there is no exception
 * @param errorType the exception's; empty if there is no exception
 * @param code what the protocol says, such as an SQLSTATE; empty where the kind says it
 */
record Fault(
        FailureKind kind,
        double chance,
        When when,
        long lastsNanos,
        String message,
        List<KeyValue> exception,
        String errorType,
        String code) {

    enum When {
        ALWAYS,
        IN_INCIDENT,
        IN_REGRESSED_RELEASE
    }

    static Fault of(FailureKind kind, double chance, String message) {
        return new Fault(kind, chance, When.ALWAYS, 0, message, List.of(), "", "");
    }

    Fault onlyInIncident() {
        return new Fault(kind, chance, When.IN_INCIDENT, lastsNanos, message, exception, errorType, code);
    }

    Fault onlyInRegressedRelease() {
        return new Fault(kind, chance, When.IN_REGRESSED_RELEASE, lastsNanos, message, exception, errorType, code);
    }

    Fault lastingMillis(long millis) {
        return new Fault(kind, chance, when, millis * 1_000_000, message, exception, errorType, code);
    }

    Fault thrownAs(Thrown thrown) {
        return new Fault(kind, chance, when, lastsNanos, message, thrown.attributes(message), thrown.type(), code);
    }

    Fault withCode(String codeOfProtocol) {
        return new Fault(kind, chance, when, lastsNanos, message, exception, errorType, codeOfProtocol);
    }
}
