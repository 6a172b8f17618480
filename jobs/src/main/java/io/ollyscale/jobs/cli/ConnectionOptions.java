package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.PostgresUrl;
import io.ollyscale.jobs.UserFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Option;

/** Where PostgreSQL and Kafka are: by an option, else by the environment, else by a local mode that runs. */
public final class ConnectionOptions {

    /** Of a server that takes connections and then falls silent, too. */
    private static final int LOGIN_TIMEOUT_SECONDS = 10;

    @Option(
            names = "--postgres-url",
            paramLabel = "URL",
            description = {
                "PostgreSQL as postgresql://user:password@host:port/database or as a JDBC URL.",
                "Default: OLLYSCALE_POSTGRES_URL, else a running local mode."
            })
    private String postgresUrl;

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = {"Kafka's bootstrap servers.", "Default: OLLYSCALE_KAFKA, else a running local mode."})
    private String kafka;

    private final Map<String, String> environment;
    private final LocalModeFile localMode;

    public ConnectionOptions() {
        this(System.getenv(), LocalModeFile.ofUser());
    }

    ConnectionOptions(Map<String, String> environment, LocalModeFile localMode) {
        this.environment = environment;
        this.localMode = localMode;
    }

    /** @throws UserFailure if there is none, or its URL is malformed */
    public PostgresUrl postgres() {
        return PostgresUrl.parse(postgresText());
    }

    /**
     * The URL as it was given, so with its password.
     *
     * @throws UserFailure if there is none
     */
    public String postgresText() {
        return find(postgresUrl, "OLLYSCALE_POSTGRES_URL", LocalModeFile.Connections::postgres)
                .orElseThrow(() -> missing("PostgreSQL", "--postgres-url", "OLLYSCALE_POSTGRES_URL"));
    }

    /**
     * Bootstrap servers.
     *
     * @throws UserFailure if there are none
     */
    public String kafka() {
        return find(kafka, "OLLYSCALE_KAFKA", LocalModeFile.Connections::kafka)
                .orElseThrow(() -> missing("Kafka", "--kafka", "OLLYSCALE_KAFKA"));
    }

    /**
     * Says to the job where both are. What the command line names wins over the configuration, and the configuration,
     * which has the environment in it, over a local mode that happens to run.
     */
    void fill(Configuration options) {
        if (postgresUrl != null || !options.contains(IngestOptions.POSTGRES_URL)) {
            options.set(IngestOptions.POSTGRES_URL, postgresText());
        }
        if (kafka != null || !options.contains(IngestOptions.KAFKA)) {
            options.set(IngestOptions.KAFKA, kafka());
        }
    }

    /** Of sessions that fail within seconds where there is no server. */
    public PGSimpleDataSource dataSource() {
        PostgresUrl url = postgres();
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url.jdbcUrl());
        dataSource.setUser(url.user());
        dataSource.setPassword(url.password());
        dataSource.setConnectTimeout(LOGIN_TIMEOUT_SECONDS);
        dataSource.setLoginTimeout(LOGIN_TIMEOUT_SECONDS);
        dataSource.setTcpKeepAlive(true);
        dataSource.setCurrentSchema("otel,public");
        dataSource.setApplicationName("ollyscale");
        return dataSource;
    }

    /** Opens a session in autocommit mode. */
    public Connection connect() throws SQLException {
        return dataSource().getConnection();
    }

    private Optional<String> find(
            String option, String variable, Function<LocalModeFile.Connections, String> ofLocalMode) {
        return Optional.ofNullable(option)
                .or(() -> Optional.ofNullable(environment.get(variable)))
                .filter(value -> !value.isBlank())
                .or(() -> localMode.read().map(ofLocalMode));
    }

    private static UserFailure missing(String server, String option, String variable) {
        return new UserFailure("No " + server + " to connect to: pass " + option + ", set " + variable
                + ", or start one with \"ollyscale local\"");
    }
}
