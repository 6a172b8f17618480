package io.ollyscale.jobs;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a PostgreSQL is and who connects to it, read from a URI as psql takes it or from a JDBC URL. Parameters such as
 * {@code sslmode} are kept.
 *
 * @param hosts {@code host:port}, several with commas between; ports may be left out
 * @param database null for the one that is named like the user
 * @param user null for the operating system's
 * @param password null where none is given: the driver then looks into {@code ~/.pgpass}
 * @param parameters by name, decoded
 */
public record PostgresUrl(String hosts, String database, String user, String password, Map<String, String> parameters) {

    private static final String JDBC = "jdbc:";
    private static final Pattern FORM =
            Pattern.compile("postgres(?:ql)?://(?:([^/?#]*)@)?([^/?#@]*)(?:/([^?#@]*))?(?:\\?(.*))?");
    private static final Pattern HOSTS = hostsPattern();

    /** @throws UserFailure if it is neither; the message doesn't repeat any of it, because it may hold a password */
    public static PostgresUrl parse(String text) {
        boolean jdbc = text.startsWith(JDBC);
        Matcher matcher = FORM.matcher(jdbc ? text.substring(JDBC.length()) : text);
        if (!matcher.matches() || !HOSTS.matcher(matcher.group(2)).matches()) {
            throw malformed();
        }
        try {
            Map<String, String> parameters = parameters(matcher.group(4), jdbc);
            String[] login =
                    matcher.group(1) == null ? new String[0] : matcher.group(1).split(":", 2);
            String userParameter = parameters.remove("user");
            String passwordParameter = parameters.remove("password");
            return new PostgresUrl(
                    matcher.group(2).isEmpty() ? "localhost" : matcher.group(2),
                    nullIfEmpty(matcher.group(3) == null ? "" : decoded(matcher.group(3), jdbc)),
                    login.length > 0 ? nullIfEmpty(decoded(login[0], false)) : userParameter,
                    login.length > 1 ? decoded(login[1], false) : passwordParameter,
                    Map.copyOf(parameters));
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
    }

    public PostgresUrl withPassword(String other) {
        return new PostgresUrl(hosts, database, user, other, parameters);
    }

    /** Without user and password. */
    public String jdbcUrl() {
        String query = parameters.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(parameter -> encoded(parameter.getKey()) + "=" + encoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return "jdbc:postgresql://" + hosts + "/" + (database == null ? "" : encoded(database))
                + (query.isEmpty() ? "" : "?" + query);
    }

    /** As psql takes it, without the password and the parameters. */
    @Override
    public String toString() {
        return "postgresql://" + (user == null ? "" : user + (password == null ? "" : ":***") + "@") + hosts + "/"
                + (database == null ? "" : database);
    }

    private static Pattern hostsPattern() {
        String host = "(?:\\[[0-9a-fA-F:.%]+]|[^:,\\[\\]]*)(?::[0-9]{1,5})?";
        return Pattern.compile(host + "(?:," + host + ")*");
    }

    private static Map<String, String> parameters(String query, boolean jdbc) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query == null) {
            return parameters;
        }
        for (String parameter : query.split("&")) {
            String[] parts = parameter.split("=", 2);
            if (!parameter.isEmpty()) {
                parameters.put(decoded(parts[0], jdbc), parts.length > 1 ? decoded(parts[1], jdbc) : "");
            }
        }
        return parameters;
    }

    /** Only the JDBC driver reads "+" as a blank. */
    private static String decoded(String text, boolean jdbc) {
        return URLDecoder.decode(jdbc ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private static UserFailure malformed() {
        return new UserFailure("The PostgreSQL URL isn't of the form postgresql://user:password@host:port/database"
                + " (write special characters of the password as %2F for /, %40 for @ and so on)");
    }
}
