package io.ollyscale.schema.otlp;

import com.google.protobuf.Parser;
import io.ollyscale.schema.copy.CopyBuffer;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.tables.Table;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.function.Predicate;

/** The rows of log records, with their attributes. */
final class LogRows extends SignalRows<ResourceLogs> {
    private final FactAttributes attributes = new FactAttributes(
            AttributeContext.LOG,
            Table.LOGS_FACT,
            Table.LOG_ATTRS_STRING,
            Table.LOG_ATTRS_INT,
            Table.LOG_ATTRS_DOUBLE,
            Table.LOG_ATTRS_BOOL,
            Table.LOG_ATTRS_BYTES);

    LogRows(AttributePolicy policy, Predicate<String> known, DecodingLimits limits) {
        super(policy, known, limits);
    }

    @Override
    Parser<ResourceLogs> parser() {
        return ResourceLogs.parser();
    }

    @Override
    void add(ResourceLogs envelope) throws RefusedRecordException {
        unknown().check(envelope);
        Owner owner = null;
        for (ScopeLogs scopeLogs : envelope.getScopeLogsList()) {
            unknown().check(scopeLogs);
            if (scopeLogs.getLogRecordsCount() == 0) {
                countEmpty();
                continue;
            }
            if (owner == null) {
                owner = owner(envelope.hasResource(), envelope.getResource(), envelope.getSchemaUrl());
            }
            long scopeId = dimensions().scope(scopeLogs.hasScope(), scopeLogs.getScope(), scopeLogs.getSchemaUrl());
            for (LogRecord log : scopeLogs.getLogRecordsList()) {
                add(log, owner, scopeId);
            }
        }
        if (owner == null) {
            countEmpty();
        }
    }

    private void add(LogRecord log, Owner owner, long scopeId) throws RefusedRecordException {
        unknown().check(log);
        int id = nextUnit();
        CopyBuffer row = beginRow(Table.LOGS_FACT, id);
        row.putLong(owner.resourceId());
        row.putLong(scopeId);
        row.putLong(owner.serviceId());
        putTime(row, log.getTimeUnixNano());
        putTime(row, log.getObservedTimeUnixNano());
        putId(row, "trace_id", log.getTraceId());
        putId(row, "span_id", log.getSpanId());
        row.putInt(log.getSeverityNumberValue());
        putText(row, "severity_text", log.getSeverityText());
        putText(row, "event_name", log.getEventName());
        if (log.hasBody()) {
            row.putInt(log.getBody().getValueCase().getNumber());
            putBody(row, log.getBody());
        } else {
            row.putNull();
            putBody(row, AnyValue.getDefaultInstance());
        }
        row.putInt(log.getFlags());
        row.putInt(log.getDroppedAttributesCount());
        attributes.writeAndEndRow(log.getAttributesList(), id);
    }

    /** The columns from body_str to body_json, of which the one of the body's type has it. */
    private void putBody(CopyBuffer row, AnyValue body) throws RefusedRecordException {
        if (body.hasStringValue()) {
            putText(row, "body_str", body.getStringValue());
        } else {
            row.putNull();
        }
        if (body.hasIntValue()) {
            row.putLong(body.getIntValue());
        } else {
            row.putNull();
        }
        if (body.hasDoubleValue()) {
            row.putDouble(body.getDoubleValue());
        } else {
            row.putNull();
        }
        if (body.hasBoolValue()) {
            row.putBoolean(body.getBoolValue());
        } else {
            row.putNull();
        }
        if (body.hasBytesValue()) {
            row.putBytes(body.getBytesValue());
        } else {
            row.putNull();
        }
        if (body.hasArrayValue() || body.hasKvlistValue() || body.hasStringValueStrindex()) {
            row.beginJsonb();
            attributes.json().value(body);
            row.endVariable();
        } else {
            unknown().check(body);
            row.putNull();
        }
    }
}
