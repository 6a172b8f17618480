package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Puts facts together with what they name. */
final class Dimensions {
    private static final Envelope UNKNOWN = Envelope.unknown(null);

    private final Resources resources;
    private final Scopes scopes;
    private final Metrics metrics;
    private final SeriesTable series;

    Dimensions(Rows rows, TypedAttributes attributes) {
        resources = new Resources(rows, attributes);
        scopes = new Scopes(rows, attributes);
        metrics = new Metrics(rows);
        series = new SeriesTable(rows, attributes);
    }

    /** Spans or log records. */
    <B extends Message.Builder> List<Unit> units(List<Fact<B>> facts) throws SQLException {
        Map<Long, Envelope> resourcesById =
                resources.get(facts.stream().map(Fact::ownerId).toList());
        Map<Long, Envelope> scopesById =
                scopes.get(facts.stream().map(Fact::scopeId).toList());
        List<Unit> units = new ArrayList<>();
        for (Fact<B> fact : facts) {
            units.add(new Unit(
                    fact.builder().build(),
                    resourcesById.getOrDefault(fact.ownerId(), UNKNOWN),
                    scopesById.getOrDefault(fact.scopeId(), UNKNOWN),
                    null));
        }
        return units;
    }

    /**
     * Data points.
     *
     * @param addSeries adds what the series says
     * @param unknown a metric of the points' type, for those whose own isn't there
     */
    <B extends Message.Builder> List<Unit> points(List<Fact<B>> facts, BiConsumer<B, Series> addSeries, Metric unknown)
            throws SQLException {
        Envelope unknownMetric = Envelope.unknown(unknown);
        Map<Long, Series> seriesById =
                series.get(facts.stream().map(Fact::ownerId).toList());
        Map<Long, Envelope> resourcesById = resources.get(
                seriesById.values().stream().map(Series::resourceId).toList());
        Map<Long, Envelope> scopesById =
                scopes.get(seriesById.values().stream().map(Series::scopeId).toList());
        Map<Long, Envelope> metricsById =
                metrics.get(seriesById.values().stream().map(Series::metricId).toList());
        List<Unit> units = new ArrayList<>();
        for (Fact<B> fact : facts) {
            Series ofPoint = seriesById.get(fact.ownerId());
            if (ofPoint == null) {
                units.add(new Unit(fact.builder().build(), UNKNOWN, UNKNOWN, unknownMetric));
                continue;
            }
            addSeries.accept(fact.builder(), ofPoint);
            units.add(new Unit(
                    fact.builder().build(),
                    resourcesById.getOrDefault(ofPoint.resourceId(), UNKNOWN),
                    scopesById.getOrDefault(ofPoint.scopeId(), UNKNOWN),
                    metricsById.getOrDefault(ofPoint.metricId(), unknownMetric)));
        }
        return units;
    }
}
