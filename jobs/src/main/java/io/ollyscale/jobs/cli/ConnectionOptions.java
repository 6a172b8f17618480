package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.OptionSources;
import io.ollyscale.jobs.PostgresUrl;
import io.ollyscale.jobs.UserFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.CommonClientConfigs;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Option;

/**
 * Where PostgreSQL and Kafka are and how to log in there: what the command line names wins over the configuration, and
 * the configuration, which has the environment in it, over a local mode that happens to run.
 */
public final class ConnectionOptions {

    /** Of a server that takes connections and then falls silent, too. */
    private static final int LOGIN_TIMEOUT_SECONDS = 10;

    @Option(
            names = "--postgres-url",
            paramLabel = "URL",
            description = {
                "PostgreSQL as postgresql://user:password@host:port/database or as a JDBC URL.",
                "Default: OLLYSCALE_POSTGRES_URL or config.yaml, else a running local mode."
            })
    private String postgresUrl;

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = {
                "Kafka's bootstrap servers.",
                "Default: OLLYSCALE_KAFKA or config.yaml, else a running local mode."
            })
    private String kafka;

    @Option(
            names = "--kafka-property",
            paramLabel = "NAME=VALUE",
            description = {
                "A property of Kafka's clients, such as security.protocol=SASL_SSL. May be repeated.",
                "Added to OLLYSCALE_KAFKA_PROPERTIES, {name: value, name: value}, the better place for secrets."
            })
    private Map<String, String> kafkaProperties = new LinkedHashMap<>();

    private final Map<String, String> environment;
    private final LocalModeFile localMode;
    private Configuration configuration;

    public ConnectionOptions() {
        this(System.getenv(), LocalModeFile.ofUser());
    }

    ConnectionOptions(Map<String, String> environment, LocalModeFile localMode) {
        this.environment = environment;
        this.localMode = localMode;
    }

    /** @throws UserFailure if there is none, or its URL is malformed */
    public PostgresUrl postgres() {
        PostgresUrl url = PostgresUrl.parse(postgresText());
        return given(postgresUrl, IngestOptions.POSTGRES_URL)
                .flatMap(ours -> configuration().getOptional(IngestOptions.POSTGRES_PASSWORD))
                .map(url::withPassword)
                .orElse(url);
    }

    /**
     * Bootstrap servers.
     *
     * @throws UserFailure if there are none
     */
    public String kafka() {
        return find(kafka, IngestOptions.KAFKA, LocalModeFile.Connections::kafka)
                .orElseThrow(() -> missing("Kafka", "--kafka", IngestOptions.KAFKA));
    }

    /**
     * What every client of Kafka gets, the bootstrap servers among it.
     *
     * @throws UserFailure if there are no servers, or the properties are malformed
     */
    public Properties kafkaProperties() {
        Properties properties = new Properties();
        properties.putAll(furtherKafkaProperties());
        properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka());
        return properties;
    }

    /** Uses a command's own configuration, which has the environment in it. */
    void use(Configuration options) {
        configuration = options;
    }

    /** Uses a job's configuration, and says to the job where both are. */
    void fill(Configuration options) {
        use(options);
        Map<String, String> properties = furtherKafkaProperties();
        if (given(postgresUrl, IngestOptions.POSTGRES_URL).isEmpty()) {
            options.removeConfig(IngestOptions.POSTGRES_PASSWORD);
        }
        options.set(IngestOptions.POSTGRES_URL, postgresText());
        options.set(IngestOptions.KAFKA, kafka());
        options.set(IngestOptions.KAFKA_PROPERTIES, properties);
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
        dataSource.setApplicationName("ollyscale");
        return dataSource;
    }

    /** Opens a session in autocommit mode, with the schema on its search path. */
    public Connection connect() throws SQLException {
        return connect(dataSource());
    }

    /** As {@link #connect()}, of a data source with further settings. */
    static Connection connect(PGSimpleDataSource dataSource) throws SQLException {
        Connection connection = dataSource.getConnection();
        // Not as a parameter of the connection: poolers refuse those that they don't know.
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = otel, public");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** As it was given, so with its password. */
    private String postgresText() {
        return find(postgresUrl, IngestOptions.POSTGRES_URL, LocalModeFile.Connections::postgres)
                .orElseThrow(() -> missing("PostgreSQL", "--postgres-url", IngestOptions.POSTGRES_URL));
    }

    /** Those of the configuration are meant for servers of one's own, never for a local mode. */
    private Map<String, String> furtherKafkaProperties() {
        Map<String, String> properties = new LinkedHashMap<>();
        if (given(kafka, IngestOptions.KAFKA).isPresent()) {
            try {
                properties.putAll(configuration().get(IngestOptions.KAFKA_PROPERTIES));
            } catch (IllegalArgumentException e) {
                // Its message repeats them, and they hold passwords.
                throw new UserFailure(OptionSources.environmentName(IngestOptions.KAFKA_PROPERTIES) + " or "
                        + IngestOptions.KAFKA_PROPERTIES.key()
                        + " isn't of the form {security.protocol: SASL_SSL, sasl.mechanism: PLAIN}; a value with"
                        + " a comma or a colon stands in '…'");
            }
        }
        properties.putAll(kafkaProperties);
        return properties;
    }

    private Optional<String> find(
            String option, ConfigOption<String> setting, Function<LocalModeFile.Connections, String> ofLocalMode) {
        return given(option, setting).or(() -> localMode.read().map(ofLocalMode));
    }

    /** Empty where only a local mode can be meant. */
    private Optional<String> given(String option, ConfigOption<String> setting) {
        return Optional.ofNullable(option)
                .or(() -> configuration().getOptional(setting))
                .filter(value -> !value.isBlank());
    }

    private Configuration configuration() {
        if (configuration == null) {
            configuration = JobOptions.ofEnvironment(environment);
        }
        return configuration;
    }

    private static UserFailure missing(String server, String option, ConfigOption<String> setting) {
        return new UserFailure("No " + server + " to connect to: pass " + option + ", set "
                + OptionSources.environmentName(setting) + ", or start one with \"ollyscale local\"");
    }
}
