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
    private final Receiver receiver;

    GrpcRequests(OtlpService service, Receiver receiver) {
        this.service = service;
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
        return receiver.receive(
                context,
                request,
                service.topic(),
                new GrpcAnswers(),
                FRAME_BYTES,
                (bytes, body, place) ->
                        ExportRequest.ofProtobuf(service, message(bytes, body, encoding, place), place));
    }

    private static byte[] message(RequestBytes bytes, byte[] body, String encoding, InFlight.Place place) {
        if (body.length < FRAME_BYTES) {
            throw RefusedRequestException.undecodable("", "The call ends before its message");
        }
        long announced = Integer.toUnsignedLong(ByteBuffer.wrap(body).getInt(1));
        int length = body.length - FRAME_BYTES;
        if (announced != length) {
            throw RefusedRequestException.undecodable(
                    "",
                    "A message of " + announced + " bytes is announced, and " + length
                            + " bytes follow; a call has one message");
        }
        switch (body[0]) {
            case PLAIN:
                place.reserve(length);
                return Arrays.copyOfRange(body, FRAME_BYTES, body.length);
            case COMPRESSED:
                if (encoding.equals("gzip")) {
                    return bytes.gunzip(body, FRAME_BYTES, place);
                }
                throw new RefusedRequestException(
                        Problem.UNSUPPORTED_ENCODING, "The message is compressed, but not by gzip");
            default:
                throw RefusedRequestException.undecodable("", "The message's first byte is neither 0 nor 1");
        }
    }
}
