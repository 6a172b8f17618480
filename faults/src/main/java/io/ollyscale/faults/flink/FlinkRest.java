package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ProcessException;
import io.ollyscale.faults.process.Waiting;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.messages.FlinkJobNotFoundException;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.MessageHeaders;
import org.apache.flink.runtime.rest.messages.MessageParameters;
import org.apache.flink.runtime.rest.messages.ResponseBody;
import org.apache.flink.runtime.rest.util.RestClientException;
import org.apache.flink.util.ExceptionUtils;

/** Asks whichever JobManager leads, again and again while none answers. */
final class FlinkRest implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** A suspended JobManager takes a request and never answers. */
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private static final int NOT_FOUND = 404;

    private final RestClusterClient<StandaloneClusterId> client;
    private final Supplier<String> logs;

    /** @param logs the last words of the processes, for messages of failure */
    FlinkRest(Configuration configuration, Supplier<String> logs) {
        Configuration impatient = new Configuration(configuration);
        impatient.set(RestOptions.CONNECTION_TIMEOUT, Duration.ofSeconds(2));
        impatient.set(RestOptions.RETRY_MAX_ATTEMPTS, 0);
        impatient.set(RestOptions.AWAIT_LEADER_TIMEOUT, ANSWER);
        this.logs = logs;
        try {
            this.client = new RestClusterClient<>(impatient, StandaloneClusterId.getInstance());
        } catch (Exception e) {
            throw new ProcessException("Flink's REST client can't be made: " + e, e);
        }
    }

    RestClusterClient<StandaloneClusterId> client() {
        return client;
    }

    /** @throws UnknownJobException if the leader knows no such thing */
    <M extends MessageHeaders<EmptyRequestBody, P, U>, U extends MessageParameters, P extends ResponseBody> P ask(
            String what, M headers, U parameters) {
        return ask(what, ANSWER, () -> client.sendRequest(headers, parameters, EmptyRequestBody.getInstance()));
    }

    /**
     * @param answer how long one request may take
     * @throws UnknownJobException if the leader knows no such thing
     */
    <T> T ask(String what, Duration answer, Supplier<CompletableFuture<T>> request) {
        AtomicReference<T> result = new AtomicReference<>();
        await(what, () -> {
            result.set(answer(what, request.get(), answer));
            return true;
        });
        return result.get();
    }

    void await(String what, Callable<Boolean> condition) {
        Waiting.until(what, LIMIT, condition, logs);
    }

    @Override
    public void close() {
        client.close();
    }

    private static <T> T answer(String what, CompletableFuture<T> request, Duration limit) throws Exception {
        try {
            return request.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            request.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = ExceptionUtils.stripCompletionException(e.getCause());
            if (cause instanceof RestClientException refused && isUnknown(refused)) {
                throw new UnknownJobException("Nobody knows: " + what, refused);
            }
            throw e;
        }
    }

    /** The answer about a job's status is an internal error where others are a "not found". */
    private static boolean isUnknown(RestClientException refused) {
        return refused.getHttpResponseStatus().code() == NOT_FOUND
                || refused.getMessage().contains(FlinkJobNotFoundException.class.getName());
    }
}
