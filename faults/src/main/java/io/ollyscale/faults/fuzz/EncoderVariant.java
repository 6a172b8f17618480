package io.ollyscale.faults.fuzz;

import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.testing.TestPolicy;
import java.util.List;
import java.util.Map;

/** The policies and limits that messages are encoded by. */
enum EncoderVariant {
    DEFAULT(registered(TestPolicy.POLICY), DecodingLimits.DEFAULT),
    /** Everything is in the catch-all. */
    WITHOUT_POLICY(new AttributePolicy(Map.of()), DecodingLimits.DEFAULT),
    /** That small messages reach. */
    SMALL_LIMITS(registered(TestPolicy.POLICY), new DecodingLimits(4, 16, 60, 64 << 10)),
    /** Less than the first rows of most tables take. */
    LITTLE_MEMORY(registered(TestPolicy.POLICY), new DecodingLimits(16, 32, 1_000, 12 << 10));

    private final AttributePolicy policy;
    private final DecodingLimits limits;

    EncoderVariant(AttributePolicy policy, DecodingLimits limits) {
        this.policy = policy;
        this.limits = limits;
    }

    AttributePolicy policy() {
        return policy;
    }

    DecodingLimits limits() {
        return limits;
    }

    RecordEncoder encoder(Signal signal, RecordEncoding encoding) {
        return new RecordEncoder(signal, encoding, policy, limits);
    }

    /** With an id of its own for each key, so that rows tell which they are of. */
    private static AttributePolicy registered(AttributePolicy policy) {
        List<PromotedKey> keys = policy.promotedKeys();
        return policy.registered(1, key -> {
            for (int i = 0; i < keys.size(); i++) {
                if (keys.get(i).key().equals(key.key()) && keys.get(i).type() == key.type()) {
                    return i + 1;
                }
            }
            throw new IllegalStateException("no promoted key " + key);
        });
    }
}
