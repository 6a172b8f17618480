package io.ollyscale.faults.fuzz;

import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.BadJson;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.OddJson;
import io.ollyscale.schema.testing.OddRecord;
import io.ollyscale.schema.testing.RandomOtlp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The inputs that a fuzz run begins with, by name: good, odd, bad and random records of each signal, in both encodings. */
public final class FuzzSeeds {
    private static final int RANDOM_RECORDS = 60;

    private final Map<String, byte[]> inputs = new LinkedHashMap<>();
    private final int longest;

    private FuzzSeeds(int longest) {
        this.longest = longest;
    }

    /**
     * @param seed of the random records
     * @param longest in bytes; larger ones are left out
     */
    static Map<String, byte[]> of(long seed, int longest) {
        FuzzSeeds seeds = new FuzzSeeds(longest);
        for (Signal signal : Signal.values()) {
            for (RecordEncoding encoding : RecordEncoding.values()) {
                seeds.add(signal, encoding, "all-fields", NumberedRecords.allFields(signal));
                seeds.add(signal, encoding, "numbered", NumberedRecords.numbered(signal, 0, 6));
                for (OddRecord odd : OddRecord.of(signal, 1)) {
                    seeds.add(signal, encoding, odd.kind(), odd.message());
                }
                for (int i = 0; i < RANDOM_RECORDS; i++) {
                    RandomOtlp random = encoding == RecordEncoding.OTLP_PROTO
                            ? new RandomOtlp(seed + i, signal)
                            : RandomOtlp.forJson(seed + i, signal);
                    seeds.add(signal, encoding, "random-" + i, random.record(i % 4));
                }
            }
            for (BadRecord bad : BadRecord.values()) {
                seeds.add(signal, RecordEncoding.OTLP_PROTO, "bad-" + bad, bad.bytes(signal));
            }
            for (BadJson bad : BadJson.values()) {
                seeds.add(signal, RecordEncoding.OTLP_JSON, "bad-" + bad, bad.bytes(signal));
            }
            for (OddJson odd : OddJson.values()) {
                seeds.add(signal, RecordEncoding.OTLP_JSON, "odd-" + odd, odd.bytes(signal, 1));
            }
        }
        return seeds.inputs;
    }

    private void add(Signal signal, RecordEncoding encoding, String name, Message record) {
        add(signal, encoding, name, NumberedRecords.encoded(record, encoding));
    }

    private void add(Signal signal, RecordEncoding encoding, String name, byte[] message) {
        if (message.length > longest - FuzzInput.HEADER) {
            return;
        }
        for (EncoderVariant variant : EncoderVariant.values()) {
            inputs.put(
                    signal + "-" + encoding + "-" + name + "-" + variant,
                    FuzzInput.bytes(signal, encoding, variant, message));
        }
    }

    /** Writes them as files: {@code DIRECTORY SEED LONGEST}. */
    public static void main(String[] args) throws IOException {
        Path directory = Files.createDirectories(Path.of(args[0]));
        for (Map.Entry<String, byte[]> input :
                of(Long.parseLong(args[1]), Integer.parseInt(args[2])).entrySet()) {
            Files.write(directory.resolve(input.getKey()), input.getValue());
        }
    }
}
