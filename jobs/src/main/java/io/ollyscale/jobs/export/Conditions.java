package io.ollyscale.jobs.export;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A WHERE clause and its parameters. */
final class Conditions {
    private final List<String> texts = new ArrayList<>();
    private final List<Object> parameters = new ArrayList<>();

    /** @param parameter an Instant or bytes, for the one question mark */
    void add(String text, Object parameter) {
        texts.add(text);
        parameters.add(parameter);
    }

    /** Leaves no row. */
    void addNever() {
        texts.add("false");
    }

    /** With the word WHERE; nothing where there is no condition. */
    String clause() {
        return texts.isEmpty() ? "" : " WHERE " + String.join(" AND ", texts);
    }

    void bind(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < parameters.size(); i++) {
            Object parameter = parameters.get(i);
            statement.setObject(
                    i + 1, parameter instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : parameter);
        }
    }
}
