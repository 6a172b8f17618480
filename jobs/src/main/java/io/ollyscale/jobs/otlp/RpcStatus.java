package io.ollyscale.jobs.otlp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.UnknownFieldSet;
import java.nio.charset.StandardCharsets;

/**
 * A refusal as {@code google.rpc.Status}, which is the body of HTTP's errors and goes with gRPC's. What can be tried again
 * has a {@code RetryInfo}, what can't be decoded a {@code BadRequest}. These few fields are written without the classes of
 * Google's other APIs.
 *
 * @see <a href="https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto">status.proto</a>
 * @see <a href="https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto">error_details.proto</a>
 */
final class RpcStatus {

    /** Long enough for what is under way to be done with, short enough that no sender's queue overflows. */
    static final int RETRY_SECONDS = 1;

    private static final String TYPE = "type.googleapis.com/google.rpc.";

    private RpcStatus() {}

    static byte[] protobuf(RefusedRequestException refusal) {
        UnknownFieldSet.Builder status = UnknownFieldSet.newBuilder()
                .mergeVarintField(1, refusal.problem().grpcCode())
                .mergeLengthDelimitedField(2, ByteString.copyFromUtf8(refusal.getMessage()));
        if (refusal.problem() == Problem.UNAVAILABLE) {
            Duration delay = Duration.newBuilder().setSeconds(RETRY_SECONDS).build();
            status.mergeLengthDelimitedField(3, any("RetryInfo", message(1, delay.toByteString())));
        } else if (refusal.problem() == Problem.UNDECODABLE) {
            ByteString violation = UnknownFieldSet.newBuilder()
                    .mergeLengthDelimitedField(1, ByteString.copyFromUtf8(refusal.field()))
                    .mergeLengthDelimitedField(2, ByteString.copyFromUtf8(refusal.getMessage()))
                    .build()
                    .toByteString();
            status.mergeLengthDelimitedField(3, any("BadRequest", message(1, violation)));
        }
        return status.build().toByteArray();
    }

    static byte[] json(RefusedRequestException refusal) {
        ObjectNode status = JsonNodeFactory.instance
                .objectNode()
                .put("code", refusal.problem().grpcCode())
                .put("message", refusal.getMessage());
        if (refusal.problem() == Problem.UNAVAILABLE) {
            status.putArray("details")
                    .addObject()
                    .put("@type", TYPE + "RetryInfo")
                    .put("retryDelay", RETRY_SECONDS + "s");
        } else if (refusal.problem() == Problem.UNDECODABLE) {
            status.putArray("details")
                    .addObject()
                    .put("@type", TYPE + "BadRequest")
                    .putArray("fieldViolations")
                    .addObject()
                    .put("field", refusal.field())
                    .put("description", refusal.getMessage());
        }
        return status.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static ByteString any(String name, ByteString value) {
        return Any.newBuilder().setTypeUrl(TYPE + name).setValue(value).build().toByteString();
    }

    private static ByteString message(int field, ByteString value) {
        return UnknownFieldSet.newBuilder()
                .mergeLengthDelimitedField(field, value)
                .build()
                .toByteString();
    }
}
