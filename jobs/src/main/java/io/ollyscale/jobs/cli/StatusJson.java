package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.status.PartitionLag;
import io.ollyscale.jobs.cli.status.StatusReport;
import io.ollyscale.jobs.cli.status.StoreStatus;
import io.ollyscale.jobs.cli.status.TableSize;
import io.ollyscale.schema.otlp.Signal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The status for programs: what is unknown or absent is null, times are ISO 8601, ages are seconds. */
final class StatusJson {

    private StatusJson() {}

    static Map<String, Object> of(StatusReport report) {
        StoreStatus store = report.store();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("lag", report.lagProblem().isPresent() ? null : report.lag());
        json.put("lag_problem", report.lagProblem().orElse(null));
        json.put("partitions", report.lags().stream().map(StatusJson::lag).toList());
        json.put(
                "last_write_seconds_ago",
                store.lastWriteAgo().map(StatusJson::seconds).orElse(null));
        json.put(
                "last_record_timestamp",
                store.lastRecord().map(Object::toString).orElse(null));
        json.put("newest_fact_seconds_ago", newestFacts(store));
        json.put("job", store.job().map(StatusJson::job).orElse(null));
        json.put("gaps", store.gaps().stream().map(StatusJson::gap).toList());
        json.put("quarantine", store.quarantine());
        json.put("dimension_collisions", store.dimensions().collisions());
        json.put("refused_dimensions", store.dimensions().refused());
        json.put(
                "policy_version",
                store.policy().map(StoreStatus.Policy::version).orElse(null));
        json.put(
                "policy_active_since",
                store.policy().map(policy -> policy.activeSince().toString()).orElse(null));
        json.put(
                "table_partitions_until",
                store.partitions().map(ahead -> ahead.until().toString()).orElse(null));
        json.put(
                "table_partitions_seconds_ahead",
                store.partitions().map(ahead -> seconds(ahead.ahead())).orElse(null));
        json.put("tables", store.tables().stream().map(StatusJson::table).toList());
        return json;
    }

    private static Map<String, Object> newestFacts(StoreStatus store) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (Signal signal : Signal.values()) {
            Duration ago = store.newestFactAgo().get(signal);
            json.put(signal.toString(), ago == null ? null : seconds(ago));
        }
        return json;
    }

    private static Map<String, Object> lag(PartitionLag lag) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", lag.topic());
        json.put("partition", lag.partition());
        json.put("next_offset", lag.nextOffset());
        json.put("log_start_offset", lag.logStart());
        json.put("log_end_offset", lag.logEnd());
        json.put("lag", lag.lag());
        json.put("deleted_before_stored", lag.lost());
        return json;
    }

    private static Map<String, Object> job(StoreStatus.Job job) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("generation", job.generation());
        json.put("name", job.name());
        json.put("host", job.host());
        json.put("version", job.version());
        json.put("submitted_at", job.submittedAt().toString());
        json.put("sessions", job.sessions());
        return json;
    }

    private static Map<String, Object> gap(StoreStatus.Gap gap) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", gap.topic());
        json.put("partition", gap.partition());
        json.put("from_offset", gap.from());
        json.put("to_offset", gap.to());
        json.put("reason", gap.reason());
        json.put("noticed_at", gap.noticedAt().toString());
        return json;
    }

    private static Map<String, Object> table(TableSize table) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("table", table.name());
        json.put("rows", table.rows());
        json.put("exact", table.exact());
        json.put("bytes", table.bytes());
        return json;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
