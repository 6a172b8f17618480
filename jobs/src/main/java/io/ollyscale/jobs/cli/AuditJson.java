package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.cli.audit.Audit;
import io.ollyscale.jobs.cli.audit.Dangling;
import io.ollyscale.jobs.cli.audit.Difference;
import java.util.LinkedHashMap;
import java.util.Map;

/** An audit for programs: what is unknown or absent is null, times are ISO 8601. */
final class AuditJson {

    private AuditJson() {}

    static Map<String, Object> of(Audit audit) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("minutes", audit.minutes());
        json.put("spans", audit.spans());
        json.put("differences", audit.count());
        json.put("rows", audit.differences().stream().map(AuditJson::difference).toList());
        json.put("more", audit.count() > audit.differences().size());
        json.put(
                "dangling_references",
                audit.references().dangling().stream().map(AuditJson::dangling).toList());
        json.put("references_not_checked", audit.references().unchecked());
        return json;
    }

    private static Map<String, Object> difference(Difference difference) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rollup", difference.rollup());
        json.put(
                "window_start",
                difference.window() == null ? null : difference.window().toString());
        json.put("service_id", difference.serviceId());
        json.put("service", difference.service());
        json.put("operation_id", difference.operationId());
        json.put("operation", difference.operation());
        json.put("measure", difference.measure());
        json.put("expected", difference.expected());
        json.put("actual", difference.actual());
        return json;
    }

    private static Map<String, Object> dangling(Dangling dangling) {
        return Map.of("facts", dangling.facts(), "dimension", dangling.dimension(), "rows", dangling.rows());
    }
}
