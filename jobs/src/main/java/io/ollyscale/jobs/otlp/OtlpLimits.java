package io.ollyscale.jobs.otlp;

import io.ollyscale.local.LocalKafka;
import java.time.Duration;

/**
 * What senders may take up. What is beyond is refused, never waited for.
 *
 * @param requestBytes the longest request, before and after decompression, and as it is published
 * @param bytesInFlight memory of the requests that are being received and decoded, all together. A request takes two to
 *     three times its size, JSON more, by its objects and members.
 * @param requestsInFlight requests that are received, decoded, or wait for Kafka; each takes a thread while it is received
 * @param requestTimeout from a request's head to its last byte
 * @param kafkaTimeout from its last byte to Kafka's acknowledgement
 */
public record OtlpLimits(
        int requestBytes, long bytesInFlight, int requestsInFlight, Duration requestTimeout, Duration kafkaTimeout) {

    /**
     * The largest request is what local mode's broker takes as a record, and the memory is for one of those in whatever
     * form. The timeout for Kafka is below the ten seconds after which SDKs give up, so that they hear why.
     */
    public static final OtlpLimits DEFAULT = new OtlpLimits(
            LocalKafka.MAX_RECORD_BYTES,
            4L * LocalKafka.MAX_RECORD_BYTES,
            64,
            Duration.ofSeconds(10),
            Duration.ofSeconds(8));
}
