package io.ollyscale.faults.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.util.List;

/** Counts the units of an OTLP/JSON document without reading it as a message. */
final class JsonUnits {
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());

    private static final List<String> METRIC_DATA =
            List.of("gauge", "sum", "histogram", "exponentialHistogram", "summary");

    private JsonUnits() {}

    static int count(Signal signal, byte[] document) throws IOException {
        if (document.length == 0) {
            return 0;
        }
        JsonNode root = MAPPER.readTree(document);
        int count = 0;
        switch (signal) {
            case TRACES -> {
                for (JsonNode resource : root.path("resourceSpans")) {
                    for (JsonNode scope : resource.path("scopeSpans")) {
                        count += scope.path("spans").size();
                    }
                }
            }
            case LOGS -> {
                for (JsonNode resource : root.path("resourceLogs")) {
                    for (JsonNode scope : resource.path("scopeLogs")) {
                        count += scope.path("logRecords").size();
                    }
                }
            }
            case METRICS -> {
                for (JsonNode resource : root.path("resourceMetrics")) {
                    for (JsonNode scope : resource.path("scopeMetrics")) {
                        for (JsonNode metric : scope.path("metrics")) {
                            for (String data : METRIC_DATA) {
                                count += metric.path(data).path("dataPoints").size();
                            }
                        }
                    }
                }
            }
        }
        return count;
    }
}
