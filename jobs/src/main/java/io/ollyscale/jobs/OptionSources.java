package io.ollyscale.jobs;

import io.ollyscale.schema.otlp.Signal;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** Where options come from besides {@code config.yaml}. */
public final class OptionSources {
    private OptionSources() {}

    /** All options of the job, in the order of their declaration; those of single signals last. */
    public static List<ConfigOption<?>> all() {
        List<ConfigOption<?>> options = new ArrayList<>();
        for (Field field : IngestOptions.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
                try {
                    options.add((ConfigOption<?>) field.get(null));
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        for (Signal signal : Signal.values()) {
            options.addAll(SignalOptions.of(signal).all());
        }
        return options;
    }

    /** The environment variable that sets an option: {@code ollyscale.traces.topic} is OLLYSCALE_TRACES_TOPIC. */
    public static String environmentName(ConfigOption<?> option) {
        return option.key().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Adds what the environment says of the job's options. */
    public static void addEnvironment(Configuration configuration, Map<String, String> environment) {
        for (ConfigOption<?> option : all()) {
            String value = environment.get(environmentName(option));
            if (value != null) {
                configuration.setString(option.key(), value);
            }
        }
    }
}
