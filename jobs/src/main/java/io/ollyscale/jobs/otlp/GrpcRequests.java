package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/** OTLP/gRPC: calls of one message each. */
final class GrpcRequests implements HttpService {

    /** A message stands behind a byte that says whether it is compressed, and its length. */
    static final int FRAME_BYTES = 1 + Integer.BYTES;

    static final byte PLAIN = 0;
    private static final byte COMPRESSED = 1;

    private final OtlpService service;
    private final String topic;
    private final Receiver receiver;

    GrpcRequests(OtlpService service, String topic, Receiver receiver) {
        this.service = service;
        this.topic = topic;
        this.receiver = receiver;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        if (request.method() != HttpMethod.POST) {
            throw new RefusedRequestException(Problem.NOT_POST, "gRPC's calls are sent by POST");
        }
        if (!GrpcAnswers.fit(request.headers())) {
            throw new RefusedRequestException(
                    Problem.UNSUPPORTED_TYPE,
                    "The content type is neither application/grpc nor application/grpc+proto");
        }
        String encoding = request.headers().get("grpc-encoding", "identity").toLowerCase(Locale.ROOT);
        return receiver.receive(context, request, topic, new GrpcAnswers(), FRAME_BYTES, (bytes, body, place) -> {
            byte[] message = message(body, place);
            return Export.ofProtobuf(service, isCompressed(body, encoding) ? bytes.gunzip(message, place) : message);
        });
    }

    private static boolean isCompressed(byte[] body, String encoding) {
        switch (body[0]) {
            case PLAIN:
                return false;
            case COMPRESSED:
                if (encoding.equals("gzip")) {
                    return true;
                }
                throw new RefusedRequestException(
                        Problem.UNSUPPORTED_ENCODING, "The message is compressed, but not by gzip");
            default:
                throw RefusedRequestException.undecodable("", "The message's first byte is neither 0 nor 1");
        }
    }

    private static byte[] message(byte[] body, InFlight.Place place) {
        if (body.length < FRAME_BYTES) {
            throw RefusedRequestException.undecodable("", "The call ends before its message");
        }
        long length = Integer.toUnsignedLong(ByteBuffer.wrap(body).getInt(1));
        if (length != body.length - FRAME_BYTES) {
            throw RefusedRequestException.undecodable(
                    "",
                    "A message of " + length + " bytes is announced, and " + (body.length - FRAME_BYTES)
                            + " bytes follow; a call has one message");
        }
        place.reserve(length);
        return Arrays.copyOfRange(body, FRAME_BYTES, body.length);
    }
}
