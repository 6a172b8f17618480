package io.ollyscale.jobs.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Against the classes that senders read it with. */
class RpcStatusTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void saysWhenToTryAgain() throws IOException {
        RefusedRequestException refusal = new RefusedRequestException(Problem.UNAVAILABLE, "später");

        Status status = Status.parseFrom(RpcStatus.protobuf(refusal));
        assertThat(status.getCode()).isEqualTo(14);
        assertThat(status.getMessage()).isEqualTo("später");
        assertThat(status.getDetails(0).unpack(RetryInfo.class).getRetryDelay().getSeconds())
                .isEqualTo(1);

        JsonNode json = JSON.readTree(RpcStatus.json(refusal));
        assertThat(json)
                .isEqualTo(JSON.readTree("{\"code\":14,\"message\":\"später\",\"details\":[{\"@type\":"
                        + "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"1s\"}]}"));
    }

    @Test
    void saysWhatCannotBeDecoded() throws IOException {
        RefusedRequestException refusal = RefusedRequestException.undecodable("/resourceSpans", "a list is expected");

        Status status = Status.parseFrom(RpcStatus.protobuf(refusal));
        assertThat(status.getCode()).isEqualTo(3);
        BadRequest.FieldViolation violation =
                status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0);
        assertThat(violation.getField()).isEqualTo("/resourceSpans");
        assertThat(violation.getDescription()).isEqualTo("a list is expected");

        JsonNode json = JSON.readTree(RpcStatus.json(refusal));
        assertThat(json)
                .isEqualTo(JSON.readTree("{\"code\":3,\"message\":\"a list is expected\",\"details\":[{\"@type\":"
                        + "\"type.googleapis.com/google.rpc.BadRequest\",\"fieldViolations\":[{\"field\":"
                        + "\"/resourceSpans\",\"description\":\"a list is expected\"}]}]}"));
    }

    @Test
    void hasNoDetailsOtherwise() throws IOException {
        RefusedRequestException refusal = new RefusedRequestException(Problem.TOO_LARGE, "too large");
        assertThat(Status.parseFrom(RpcStatus.protobuf(refusal)))
                .isEqualTo(
                        Status.newBuilder().setCode(8).setMessage("too large").build());
        assertThat(JSON.readTree(RpcStatus.json(refusal)))
                .isEqualTo(JSON.readTree("{\"code\":8,\"message\":\"too large\"}"));
    }
}
