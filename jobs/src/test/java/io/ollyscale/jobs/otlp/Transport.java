package io.ollyscale.jobs.otlp;

import com.google.rpc.Status;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.ollyscale.schema.otlp.Signal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** The ways that protobuf may be sent, each with a client that knows nothing of ours. */
enum Transport {
    HTTP_1(HttpClient.Version.HTTP_1_1, false),
    HTTP_1_GZIP(HttpClient.Version.HTTP_1_1, true),
    HTTP_2(HttpClient.Version.HTTP_2, false),
    HTTP_2_GZIP(HttpClient.Version.HTTP_2, true),
    GRPC(null, false),
    GRPC_GZIP(null, true);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final HttpClient.Version httpVersion;
    private final boolean gzip;

    Transport(HttpClient.Version httpVersion, boolean gzip) {
        this.httpVersion = httpVersion;
        this.gzip = gzip;
    }

    boolean isGzip() {
        return gzip;
    }

    boolean isGrpc() {
        return httpVersion == null;
    }

    /** Sends a message to the port that is announced for the protocol. */
    Answer send(OtlpEndpoint endpoint, Signal signal, byte[] message) {
        return sendAsIs(endpoint, signal, gzip ? Gzip.of(message) : message);
    }

    /** Sends traces. */
    Answer send(OtlpEndpoint endpoint, byte[] message) {
        return send(endpoint, Signal.TRACES, message);
    }

    /** Sends bytes as traces that are said to be gzip if this transport's are. */
    Answer sendAsIs(OtlpEndpoint endpoint, byte[] bytes) {
        return sendAsIs(endpoint, Signal.TRACES, bytes);
    }

    private Answer sendAsIs(OtlpEndpoint endpoint, Signal signal, byte[] bytes) {
        return isGrpc()
                ? sendGrpc(endpoint.grpcPort(), OtlpService.grpcPath(signal), bytes)
                : sendHttp(endpoint.httpPort(), signal, bytes);
    }

    Answer sendGrpc(int port, String path, byte[] bytes) {
        ManagedChannel channel = channel(port);
        try {
            CallOptions options = gzip ? CallOptions.DEFAULT.withCompression("gzip") : CallOptions.DEFAULT;
            byte[] response = ClientCalls.blockingUnaryCall(channel, method(path), options, bytes);
            return new Answer(null, Status.getDefaultInstance(), response);
        } catch (StatusRuntimeException e) {
            return new Answer(null, StatusProto.fromThrowable(e), new byte[0]);
        } finally {
            channel.shutdownNow();
        }
    }

    /** To be shut down by the caller. */
    static ManagedChannel channel(int port) {
        CompressorRegistry asIs = CompressorRegistry.newEmptyInstance();
        asIs.register(new GzipAlready());
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .compressorRegistry(asIs)
                .build();
    }

    static MethodDescriptor<byte[], byte[]> method(String path) {
        return MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(path.substring(1))
                .build();
    }

    private Answer sendHttp(int port, Signal signal, byte[] bytes) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/" + signal))
                .version(httpVersion)
                .header("content-type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes));
        if (gzip) {
            request.header("content-encoding", "gzip");
        }
        return sendHttp(request.build());
    }

    static Answer sendHttp(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
            boolean refused = response.statusCode() != 200;
            boolean json =
                    response.headers().firstValue("content-type").orElse("").equals("application/json");
            Status status = refused && !json ? Status.parseFrom(response.body()) : Status.getDefaultInstance();
            return new Answer(response, status, response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * What came back.
     *
     * @param http null for gRPC
     * @param status default where there is none, or it is JSON
     */
    record Answer(HttpResponse<byte[]> http, Status status, byte[] body) {

        boolean isSuccess() {
            return status.getCode() == 0 && (http == null || http.statusCode() == 200);
        }

        boolean is(Problem problem) {
            return status.getCode() == problem.grpcCode()
                    && (http == null
                            || http.statusCode() == problem.httpStatus().code());
        }
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Tests give what is compressed, validly or not. */
    private static final class GzipAlready implements Codec {
        @Override
        public String getMessageEncoding() {
            return "gzip";
        }

        @Override
        public OutputStream compress(OutputStream out) {
            return out;
        }

        @Override
        public InputStream decompress(InputStream in) {
            return in;
        }
    }
}
