package io.ollyscale.jobs.otlp;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers whatever goes wrong, in the protocol and encoding of the request. */
final class Refusals implements ServerErrorHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    @Override
    public HttpResponse onServiceException(ServiceRequestContext context, Throwable failure) {
        Throwable cause = Exceptions.peel(failure);
        if (cause instanceof HttpStatusException || Exceptions.isStreamCancelling(cause)) {
            // The server has found the status by itself, and renderStatus is asked for the rest; or the sender is gone.
            return null;
        }
        if (cause instanceof RequestTimeoutException) {
            // The rest of the request is still to come.
            context.initiateConnectionShutdown();
        }
        return Answers.to(context.request().headers()).refusal(refusal(cause)).toHttpResponse();
    }

    @Override
    public AggregatedHttpResponse renderStatus(
            ServiceRequestContext context,
            ServiceConfig config,
            RequestHeaders headers,
            HttpStatus status,
            String description,
            Throwable cause) {
        Problem problem = Stream.of(Problem.values())
                .filter(candidate -> candidate.httpStatus().equals(status))
                .findFirst()
                .orElse(status.isServerError() ? Problem.INTERNAL : Problem.UNDECODABLE);
        String message = description != null ? description : status.reasonPhrase();
        return (headers == null ? HttpAnswers.JSON : Answers.to(headers))
                .refusal(new RefusedRequestException(problem, message));
    }

    private static RefusedRequestException refusal(Throwable cause) {
        if (cause instanceof RefusedRequestException refusal) {
            return refusal;
        }
        if (cause instanceof RequestTimeoutException || cause instanceof UncheckedIOException) {
            return new RefusedRequestException(Problem.UNAVAILABLE, "The request wasn't received to its end in time");
        }
        LOG.error("An OTLP request failed", cause);
        return new RefusedRequestException(Problem.INTERNAL, "The endpoint failed; its log says why");
    }
}
