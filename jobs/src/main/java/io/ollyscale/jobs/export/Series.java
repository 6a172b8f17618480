package io.ollyscale.jobs.export;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/** What a data point's series says of it. */
record Series(long metricId, long resourceId, long scopeId, List<KeyValue> attributes) {}
