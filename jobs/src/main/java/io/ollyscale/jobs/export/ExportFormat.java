package io.ollyscale.jobs.export;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJsonWriter;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/** How messages stand one after another. */
public enum ExportFormat {

    /** One OTLP/JSON document a line. It can't say which of all NaNs one is. */
    JSON {
        @Override
        int write(Message message, OutputStream out) throws IOException {
            int nansWithPayload = OtlpJsonWriter.write(message, out);
            out.write('\n');
            return nansWithPayload;
        }
    },

    /** Protobuf messages, each behind its length as a big-endian u32. Exact. */
    PROTO {
        @Override
        int write(Message message, OutputStream out) throws IOException {
            // Writes through, and is never closed.
            new DataOutputStream(out).writeInt(message.getSerializedSize());
            message.writeTo(out);
            return 0;
        }
    };

    /** @return how many NaNs lost their payload */
    abstract int write(Message message, OutputStream out) throws IOException;

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
