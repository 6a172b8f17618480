package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.util.Optional;

/** How a request is answered, which its protocol and encoding decide. */
interface Answers {

    /** @param warning what the sender should know although everything was taken */
    AggregatedHttpResponse success(Optional<String> warning);

    AggregatedHttpResponse refusal(RefusedRequestException refusal);

    /** The answers to a request of whatever kind; JSON for one that doesn't say. */
    static Answers to(RequestHeaders request) {
        return GrpcAnswers.fit(request)
                ? new GrpcAnswers()
                : HttpAnswers.of(request).orElse(HttpAnswers.JSON);
    }

    /** An {@code Export…ServiceResponse}, which has the same bytes for all signals. Nothing is ever rejected in part. */
    static byte[] response(Optional<String> warning) {
        ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
        warning.ifPresent(text -> response.getPartialSuccessBuilder().setErrorMessage(text));
        return response.build().toByteArray();
    }
}
