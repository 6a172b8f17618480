package io.ollyscale.functions.faults;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives a test {@link Servers}, which end with the last test, or a {@link Scenario} on them, which ends with the test. */
final class ServersExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(ServersExtension.class);
    private static final AtomicInteger SCENARIOS = new AtomicInteger();

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Servers.class || type == Scenario.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Servers servers = servers(context);
        if (parameter.getParameter().getType() == Servers.class) {
            return servers;
        }
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        Scenario.class,
                        type -> Scenario.on(servers, "scenario_" + SCENARIOS.incrementAndGet()),
                        Scenario.class);
    }

    private static Servers servers(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(Servers.class, type -> newServers(), Servers.class);
    }

    private static Servers newServers() {
        try {
            return new Servers();
        } catch (Exception e) {
            throw new IllegalStateException("the servers don't start", e);
        }
    }
}
