package io.ollyscale.jobs.otlp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** Watches what the endpoint and its server log, from warnings on. */
final class LoggedFailures implements AutoCloseable {
    private static final List<String> LOGGERS = List.of("io.ollyscale.jobs.otlp", "com.linecorp.armeria", "io.netty");

    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AbstractAppender appender = new AbstractAppender("failures", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
            if (event.getLevel().isMoreSpecificThan(Level.WARN)
                    && LOGGERS.stream().anyMatch(event.getLoggerName()::startsWith)) {
                failures.add(event.getLevel() + " " + event.getLoggerName() + ": "
                        + event.getMessage().getFormattedMessage() + " " + event.getThrown());
            }
        }
    };

    LoggedFailures() {
        appender.start();
        LOGGERS.forEach(logger -> Configurator.setLevel(logger, Level.WARN));
        context().getConfiguration().getRootLogger().addAppender(appender, Level.WARN, null);
        context().updateLoggers();
    }

    /** What was logged since the last time. */
    List<String> take() {
        List<String> taken = List.copyOf(failures);
        failures.clear();
        return taken;
    }

    @Override
    public void close() {
        LOGGERS.forEach(logger -> Configurator.setLevel(logger, (Level) null));
        context().getConfiguration().getRootLogger().removeAppender(appender.getName());
        context().updateLoggers();
    }

    private static LoggerContext context() {
        return (LoggerContext) LogManager.getContext(false);
    }
}
