package io.ollyscale.jobs.demo.metrics;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.List;

/** The instruments of one scope in one process. Not thread-safe. */
public final class Meter {
    private final InstrumentationScope scope;
    private final String schemaUrl;
    private final List<Instrument<?>> instruments = new ArrayList<>();

    /** @param schemaUrl empty where the scope says none */
    public Meter(InstrumentationScope scope, String schemaUrl) {
        this.scope = scope;
        this.schemaUrl = schemaUrl;
    }

    public <S extends Series> Instrument<S> add(Instrument<S> instrument) {
        instruments.add(instrument);
        return instrument;
    }

    /**
     * A point of each series; no metrics where nothing was measured. Times are Unix nanoseconds.
     *
     * @param startNanos when the process began
     * @param lastNanos when this was last collected, or the process began
     */
    public ScopeMetrics collect(long startNanos, long lastNanos, long timeNanos) {
        ScopeMetrics.Builder metrics = ScopeMetrics.newBuilder().setScope(scope).setSchemaUrl(schemaUrl);
        for (Instrument<?> instrument : instruments) {
            if (!instrument.isEmpty()) {
                metrics.addMetrics(instrument.collect(startNanos, lastNanos, timeNanos));
            }
        }
        return metrics.build();
    }
}
