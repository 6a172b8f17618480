package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.local.LocalStackException;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.sql.SchemaVersionException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Puts a failure into the one line that a person reads: what is wrong, and what to do about it. Never holds a secret. */
public final class Failures {

    private static final String CHECK_URL = "check --postgres-url or OLLYSCALE_POSTGRES_URL";
    private static final int LONGEST_LINE = 1_000;

    private Failures() {}

    /** Looks through the causes, the outermost first, for one that it can explain. */
    public static String line(Throwable failure) {
        List<Throwable> chain = chain(failure);
        return chain.stream()
                .flatMap(cause -> explained(cause).stream())
                .findFirst()
                .or(() -> chain.stream()
                        .flatMap(cause -> described(cause).stream())
                        .findFirst())
                .map(Failures::oneLine)
                .orElseGet(() -> oneLine(failure + " (--verbose shows where)"));
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !chain.contains(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
        return chain;
    }

    /** What has a remedy. */
    private static Optional<String> explained(Throwable failure) {
        if (failure instanceof UserFailure
                || failure instanceof SchemaVersionException
                || failure instanceof LocalStackException
                || failure instanceof PolicyException) {
            return Optional.of(failure.getMessage());
        }
        if (failure instanceof SQLException sql) {
            return explainedSql(sql);
        }
        if (failure instanceof NoSuchFileException file) {
            return Optional.of("There is no file " + file.getFile());
        }
        if (failure instanceof AccessDeniedException file) {
            return Optional.of("No permission to read or write " + file.getFile());
        }
        return explainedKafka(failure);
    }

    /** What is known by name only. */
    private static Optional<String> described(Throwable failure) {
        if (failure instanceof SQLException sql) {
            return Optional.of("PostgreSQL: " + message(sql) + " (SQLSTATE " + sql.getSQLState() + ")");
        }
        if (failure instanceof KafkaException) {
            return Optional.of("Kafka: " + failure.getMessage());
        }
        if (failure instanceof FileSystemException) {
            return Optional.of("File " + failure.getMessage());
        }
        if (failure instanceof IOException && failure.getMessage() != null) {
            // No space left on device, Broken pipe
            return Optional.of("Reading or writing failed: " + failure.getMessage());
        }
        return Optional.empty();
    }

    private static Optional<String> explainedSql(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = message(e);
        return Optional.ofNullable(
                switch (state) {
                    // 08004: the driver has no password to answer with.
                    case "28P01", "28000", "08004" -> "PostgreSQL refused the login: " + message + "; " + CHECK_URL;
                    case "3D000" -> "PostgreSQL refused: " + message + "; create it, or " + CHECK_URL;
                    case "42501" -> "PostgreSQL refused: " + message + "; grant the user that right, or use another";
                    case "53300" ->
                        "PostgreSQL has no connection to give: " + message
                                + "; raise its max_connections or close other sessions";
                    case "57P03" -> "PostgreSQL isn't ready: " + message + "; try again in a moment";
                    case "53100" -> "PostgreSQL's disk is full: " + message;
                    case "57014" -> "PostgreSQL ended the statement: " + message;
                    default -> state.startsWith("08") ? unreachable(e) : null;
                });
    }

    private static String unreachable(SQLException e) {
        String remedy = "; is it running? Else " + CHECK_URL;
        for (Throwable cause : chain(e)) {
            if (cause instanceof UnknownHostException) {
                return "PostgreSQL is out of reach: there is no host " + cause.getMessage() + remedy;
            }
            if (cause instanceof java.net.SocketTimeoutException) {
                return "PostgreSQL is out of reach: no answer in time" + remedy;
            }
            if (cause instanceof ConnectException) {
                // "Connection to host:port refused. Check that …"
                return "PostgreSQL is out of reach: " + message(e).split("\\. ")[0] + remedy;
            }
        }
        return "PostgreSQL is out of reach: " + message(e) + remedy;
    }

    private static Optional<String> explainedKafka(Throwable e) {
        if (e instanceof AuthenticationException) {
            return Optional.of("Kafka refused the login: " + e.getMessage() + "; check --kafka-property or"
                    + " OLLYSCALE_KAFKA_PROPERTIES");
        }
        if (e instanceof AuthorizationException) {
            return Optional.of("Kafka refused: " + e.getMessage() + "; grant the user that right");
        }
        if (e instanceof UnknownTopicOrPartitionException) {
            return Optional.of("Kafka has no such topic: create it first");
        }
        if (e instanceof TimeoutException || e instanceof DisconnectException) {
            return Optional.of("Kafka doesn't answer (" + e.getMessage()
                    + "); is it running? Else check --kafka or OLLYSCALE_KAFKA");
        }
        if (e instanceof ConfigException) {
            return Optional.of("Kafka's client can't start: " + e.getMessage() + "; check --kafka or OLLYSCALE_KAFKA");
        }
        return Optional.empty();
    }

    /** The server's own words without the severity, else the driver's. */
    private static String message(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        String message = server != null && server.getMessage() != null ? server.getMessage() : e.getMessage();
        return String.valueOf(message).replaceFirst("\\.$", "");
    }

    private static String oneLine(String text) {
        String line = text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
        return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
    }
}
