package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;

/** How an operation says how it ended, by the semantic conventions of what it speaks. */
enum Protocol {

    /** Who is asked makes no error of 4xx, who asks does. */
    HTTP {
        @Override
        boolean isError(Step step) {
            return step.operation().kind() != Span.SpanKind.SPAN_KIND_SERVER
                    || step.fault().kind().isServersFault();
        }

        @Override
        String statusMessage(Step step) {
            return isUnanswered(step) ? step.fault().message() : "";
        }

        @Override
        void addTo(List<KeyValue> attributes, Step step) {
            if (step.attempt() > 0) {
                attributes.add(Attribute.integer("http.request.resend_count", step.attempt()));
            }
            if (!step.isFailed()) {
                attributes.add(Codes.http(step.operation().httpStatus()));
            } else if (isUnanswered(step)) {
                attributes.add(Attribute.text("error.type", step.fault().errorType()));
            } else {
                int status = step.fault().kind().httpStatus();
                attributes.add(Codes.http(status));
                if (isError(step)) {
                    attributes.add(Codes.httpError(status));
                }
            }
        }

        private boolean isUnanswered(Step step) {
            return step.isFailedByItself() && step.fault().kind() == FailureKind.TIMEOUT;
        }
    },

    GRPC {
        @Override
        boolean isError(Step step) {
            return step.operation().kind() != Span.SpanKind.SPAN_KIND_SERVER
                    || step.fault().kind().isServersFault();
        }

        @Override
        String statusMessage(Step step) {
            return step.fault().message();
        }

        @Override
        void addTo(List<KeyValue> attributes, Step step) {
            if (!step.isFailed()) {
                attributes.add(Codes.grpc(0));
                return;
            }
            FailureKind kind = step.fault().kind();
            attributes.add(Codes.grpc(kind.grpcStatus()));
            if (isError(step)) {
                attributes.add(Codes.error(kind.grpcName()));
            }
        }
    },

    DATABASE {
        @Override
        void addTo(List<KeyValue> attributes, Step step) {
            if (step.isFailed()) {
                Fault fault = step.fault();
                if (!fault.code().isEmpty()) {
                    attributes.add(Attribute.text("db.response.status_code", fault.code()));
                }
                attributes.add(Attribute.text("error.type", fault.errorType()));
            }
        }
    },

    MESSAGING,
    INTERNAL;

    /** Of a step that failed. */
    boolean isError(Step step) {
        return true;
    }

    /** Of a step that is an error; empty where the attributes say it all. */
    String statusMessage(Step step) {
        return step.fault().message();
    }

    void addTo(List<KeyValue> attributes, Step step) {
        if (step.isFailed()) {
            attributes.add(Codes.error(step.fault().kind().grpcName()));
        }
    }

    /** Those attributes that are the same again and again. */
    private static final class Codes {
        private static final KeyValue[] HTTP_STATUS = new KeyValue[600];
        private static final KeyValue[] HTTP_ERROR = new KeyValue[600];
        private static final KeyValue[] GRPC_STATUS = new KeyValue[17];

        static {
            for (int status = 100; status < HTTP_STATUS.length; status++) {
                HTTP_STATUS[status] = Attribute.integer("http.response.status_code", status);
                HTTP_ERROR[status] = error(Integer.toString(status));
            }
            for (int status = 0; status < GRPC_STATUS.length; status++) {
                GRPC_STATUS[status] = Attribute.integer("rpc.grpc.status_code", status);
            }
        }

        static KeyValue http(int status) {
            return HTTP_STATUS[status];
        }

        static KeyValue httpError(int status) {
            return HTTP_ERROR[status];
        }

        static KeyValue grpc(int status) {
            return GRPC_STATUS[status];
        }

        static KeyValue error(String type) {
            return Attribute.text("error.type", type);
        }
    }
}
