package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/** gRPC's: HTTP's status is always 200, what matters stands in the trailers, which a refusal has in place of headers. */
final class GrpcAnswers implements Answers {
    private static final MediaType TYPE = MediaType.create("application", "grpc");
    private static final Set<MediaType> TYPES = Set.of(TYPE, MediaType.create("application", "grpc+proto"));

    static boolean fit(RequestHeaders request) {
        MediaType type = request.contentType();
        return type != null && TYPES.contains(type.withoutParameters());
    }

    @Override
    public AggregatedHttpResponse success(Optional<String> warning) {
        byte[] response = Answers.response(warning);
        byte[] framed = ByteBuffer.allocate(GrpcRequests.FRAME_BYTES + response.length)
                .put(GrpcRequests.PLAIN)
                .putInt(response.length)
                .put(response)
                .array();
        return AggregatedHttpResponse.of(headers().build(), HttpData.wrap(framed), HttpHeaders.of("grpc-status", "0"));
    }

    @Override
    public AggregatedHttpResponse refusal(RefusedRequestException refusal) {
        return AggregatedHttpResponse.of(headers()
                .setInt("grpc-status", refusal.problem().grpcCode())
                .set("grpc-message", percentEncoded(refusal.getMessage()))
                .set(
                        "grpc-status-details-bin",
                        Base64.getEncoder().withoutPadding().encodeToString(RpcStatus.protobuf(refusal)))
                .endOfStream(true)
                .build());
    }

    private static ResponseHeadersBuilder headers() {
        return ResponseHeaders.builder(HttpStatus.OK).contentType(TYPE).set("grpc-accept-encoding", "identity,gzip");
    }

    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b <= '~' && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b));
            }
        }
        return encoded.toString();
    }
}
