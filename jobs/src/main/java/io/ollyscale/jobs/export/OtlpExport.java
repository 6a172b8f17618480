package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Rebuilds the OTLP records of one signal from the tables, each equal to the one that was stored but for what the attribute
 * policy dropped; how they are grouped into messages is new. Not for several threads.
 */
public final class OtlpExport {
    private final Signal signal;
    private final ExportFormat format;
    private final OutputStream out;
    private final Listener listener;
    private ExportedMessage message;
    private long units;
    private long messages;
    private long notWhole;
    private long nansWithPayload;

    /** Hears how far it is, and says whether to go on. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param units how many were read
         * @param firstId of the table that is read, by which arrival is told
         * @param lastId of the last one that was read of that table
         */
        boolean read(long units, long firstId, long lastId);
    }

    @FunctionalInterface
    private interface Opener {
        Facts<?> open(Source source) throws SQLException;
    }

    /** @param out should be buffered; is not closed */
    public OtlpExport(Signal signal, ExportFormat format, OutputStream out, Listener listener) {
        this.signal = signal;
        this.format = format;
        this.out = out;
        this.listener = listener;
        message = new ExportedMessage(signal);
    }

    /**
     * Writes what is selected. Memory doesn't depend on how much that is.
     *
     * @param connection of its own: left in a transaction, which has read one state of the store
     */
    public ExportResult run(Connection connection, Selection selection) throws SQLException, IOException {
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        Source source = Source.of(connection, selection);
        boolean goOn = true;
        for (Opener opener : tables()) {
            if (goOn) {
                goOn = table(opener, source);
            }
        }
        return new ExportResult(units, messages, notWhole, nansWithPayload, !goOn);
    }

    private List<Opener> tables() {
        return switch (signal) {
            case TRACES -> List.of(Spans::new);
            case LOGS -> List.of(LogRecords::new);
            case METRICS ->
                List.of(NumberPoints::new, HistogramPoints::new, ExponentialHistogramPoints::new, SummaryPoints::new);
        };
    }

    private boolean table(Opener opener, Source source) throws SQLException, IOException {
        try (Facts<?> facts = opener.open(source)) {
            List<Unit> batch = facts.next();
            while (!batch.isEmpty()) {
                for (Unit unit : batch) {
                    add(unit);
                }
                units += batch.size();
                if (!listener.read(units, facts.firstId(), facts.lastId())) {
                    return false;
                }
                batch = facts.next();
            }
        }
        flush();
        return true;
    }

    private void add(Unit unit) throws IOException {
        if (!message.hasRoomFor(unit)) {
            flush();
        }
        message.add(unit);
        notWhole += unit.isWhole() ? 0 : 1;
    }

    private void flush() throws IOException {
        if (message.units() > 0) {
            Message whole = message.build();
            nansWithPayload += format.write(whole, out);
            messages++;
            message = new ExportedMessage(signal);
        }
    }
}
