package io.ollyscale.jobs.otlp;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.resources.Resource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What the SDK's signals have in common: who sends them, and how the tables are asked for it. */
final class SdkData {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String SCOPE = "io.ollyscale.shop";
    static final String SCOPE_VERSION = "4.5.6";
    static final String SCOPE_SCHEMA_URL = "https://opentelemetry.io/schemas/1.36.0";

    /** 2026-01-01T00:00:00.123456789Z. */
    static final long START = 1_767_225_600_123_456_789L;

    private SdkData() {}

    static Resource resource(String service) {
        return Resource.create(
                Attributes.builder()
                        .put(stringKey("service.name"), service)
                        .put(stringKey("service.version"), "1.2.3")
                        .put(longKey("process.pid"), 4242)
                        .put(stringArrayKey("process.command_args"), "serve", "--all")
                        .build(),
                "https://opentelemetry.io/schemas/1.37.0");
    }

    /** With RESOURCE and SCOPE replaced by those of the service. */
    static JsonNode expected(String json, String service) throws JsonProcessingException {
        return JSON.readTree(
                json.replace("RESOURCE", """
                        {"service": "NAME", "schema_url": "https://opentelemetry.io/schemas/1.37.0", "attributes": {
                          "service.name": ["string", "NAME"], "service.version": ["string", "1.2.3"],
                          "process.pid": ["int", 4242], "process.command_args": ["array", ["serve", "--all"]]}}
                        """.replace("NAME", service)).replace("SCOPE", """
                        {"name": "io.ollyscale.shop", "version": "4.5.6",
                         "schema_url": "https://opentelemetry.io/schemas/1.36.0", "attributes": {}}
                        """));
    }

    /** SQL for a row's attributes of every tier, with the type of each, as a JSON object. */
    static String attributes(String context, String condition) {
        return """
                coalesce((
                    SELECT jsonb_object_agg(a.key, jsonb_build_array(a.type, coalesce(to_jsonb(a.str_value),
                        to_jsonb(a.int_value), to_jsonb(a.double_value), to_jsonb(a.bool_value), a.other_value)))
                    FROM %s_attrs_unified AS a WHERE a.%s), '{}')
                """.formatted(context, condition);
    }

    /** SQL for what a row of an alias names as its resource. */
    static String resourceOf(String alias) {
        return """
                (SELECT jsonb_build_object('service', r.service_name, 'schema_url', r.schema_url, 'attributes', %s)
                 FROM resources_dim AS r WHERE r.resource_id = %s.resource_id)
                """.formatted(attributes("resource", "resource_id = r.resource_id"), alias);
    }

    /** SQL for what a row of an alias names as its scope. */
    static String scopeOf(String alias) {
        return """
                (SELECT jsonb_build_object(
                    'name', c.name, 'version', c.version, 'schema_url', c.schema_url, 'attributes', %s)
                 FROM scopes_dim AS c WHERE c.scope_id = %s.scope_id)
                """.formatted(attributes("scope", "scope_id = c.scope_id"), alias);
    }

    /** SQL for a time in UTC, to the nanosecond. */
    static String time(String microseconds, String nanoseconds) {
        return "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US ') || %s".formatted(microseconds, nanoseconds);
    }

    /** The only value of the only row of a query with one parameter; null where it is NULL. */
    static JsonNode ask(Connection connection, String sql, String parameter)
            throws SQLException, JsonProcessingException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                String json = result.getString(1);
                return json == null ? null : JSON.readTree(json);
            }
        }
    }
}
