package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.top.Activity;
import io.ollyscale.jobs.cli.top.Measures;
import io.ollyscale.jobs.cli.top.Order;
import io.ollyscale.jobs.cli.top.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A snapshot for programs: what is unknown or absent is null, times are ISO 8601. */
final class TopJson {

    private TopJson() {}

    /** @param limit shows at most as many rows */
    static Map<String, Object> of(Snapshot snapshot, Order order, int limit) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("since", snapshot.since().toString());
        json.put("until", snapshot.until().toString());
        json.put(
                "newest_arrival",
                snapshot.newest() == null ? null : snapshot.newest().toString());
        List<Map<String, Object>> rows = snapshot.activities().stream()
                .sorted(order.comparator())
                .limit(limit)
                .map(activity -> row(snapshot, activity))
                .toList();
        json.put("rows", rows);
        json.put(
                "more",
                !snapshot.complete() || rows.size() < snapshot.activities().size());
        return json;
    }

    private static Map<String, Object> row(Snapshot snapshot, Activity activity) {
        boolean operation = activity.subject().operation() != null;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("service", activity.subject().service());
        json.put("namespace", activity.subject().namespace());
        json.put("environment", activity.subject().environment());
        json.put("versions", activity.versions());
        if (operation) {
            json.put("operation", activity.subject().operation());
            json.put("kind", activity.subject().kind());
        } else {
            json.put("requests", activity.requests());
            json.put("requests_per_second", snapshot.rate(activity.requests()));
        }
        json.put("spans", activity.spans());
        json.put("spans_per_second", snapshot.rate(activity.spans()));
        Measures measured = activity.measured();
        json.put("errors", measured.errors());
        json.put("error_ratio", (double) measured.errors() / measured.spans());
        json.put("p50_ms", millis(measured.p50()));
        json.put("p95_ms", millis(measured.p95()));
        json.put("p99_ms", millis(measured.p99()));
        json.put("max_ms", millis(measured.max()));
        if (!operation) {
            json.put("instances", activity.instances());
        }
        json.put("last_seen", activity.lastSeen().toString());
        return json;
    }

    private static Double millis(Double nanos) {
        return nanos == null ? null : Double.valueOf(Math.round(nanos / 1e3) / 1e3);
    }
}
