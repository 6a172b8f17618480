package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.Locale;

/** OTLP/HTTP. */
final class HttpRequests implements HttpService {
    private final OtlpService service;
    private final Receiver receiver;

    HttpRequests(OtlpService service, Receiver receiver) {
        this.service = service;
        this.receiver = receiver;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        RequestHeaders headers = request.headers();
        if (request.method() != HttpMethod.POST) {
            throw new RefusedRequestException(Problem.NOT_POST, "OTLP requests are sent by POST");
        }
        HttpAnswers encoding = HttpAnswers.of(headers)
                .orElseThrow(() -> new RefusedRequestException(
                        Problem.UNSUPPORTED_TYPE,
                        "The content type is neither application/x-protobuf nor application/json"));
        boolean gzip = isGzip(headers);
        return receiver.receive(context, request, service.topic(), encoding, 0, (bytes, body, place) -> {
            byte[] plain = gzip ? bytes.gunzip(body, 0, place) : body;
            return encoding == HttpAnswers.JSON
                    ? ExportRequest.ofJson(service, plain, place)
                    : ExportRequest.ofProtobuf(service, plain, place);
        });
    }

    private static boolean isGzip(RequestHeaders headers) {
        return switch (headers.get(HttpHeaderNames.CONTENT_ENCODING, "identity").toLowerCase(Locale.ROOT)) {
            case "identity" -> false;
            case "gzip" -> true;
            default ->
                throw new RefusedRequestException(
                        Problem.UNSUPPORTED_ENCODING, "The content encoding is neither gzip nor identity");
        };
    }
}
