package io.ollyscale.jobs.otlp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.util.Optional;
import java.util.stream.Stream;

/** The encodings of OTLP/HTTP. An answer has the encoding of its request. */
enum HttpAnswers implements Answers {
    PROTOBUF(MediaType.create("application", "x-protobuf")) {
        @Override
        HttpData body(Optional<String> warning) {
            return HttpData.wrap(Answers.response(warning));
        }

        @Override
        HttpData body(RefusedRequestException refusal) {
            return HttpData.wrap(RpcStatus.protobuf(refusal));
        }
    },
    JSON(MediaType.create("application", "json")) {
        @Override
        HttpData body(Optional<String> warning) {
            ObjectNode response = JsonNodeFactory.instance.objectNode();
            warning.ifPresent(text -> response.putObject("partialSuccess").put("errorMessage", text));
            return HttpData.ofUtf8(response.toString());
        }

        @Override
        HttpData body(RefusedRequestException refusal) {
            return HttpData.wrap(RpcStatus.json(refusal));
        }
    };

    private final MediaType type;

    HttpAnswers(MediaType type) {
        this.type = type;
    }

    /** Those in the encoding of the request, whatever parameters its content type has. */
    static Optional<HttpAnswers> of(RequestHeaders request) {
        MediaType type = request.contentType();
        return type == null
                ? Optional.empty()
                : Stream.of(values())
                        .filter(encoding -> type.withoutParameters().equals(encoding.type))
                        .findFirst();
    }

    abstract HttpData body(Optional<String> warning);

    abstract HttpData body(RefusedRequestException refusal);

    @Override
    public AggregatedHttpResponse success(Optional<String> warning) {
        return AggregatedHttpResponse.of(
                ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.CONTENT_TYPE, type), body(warning));
    }

    @Override
    public AggregatedHttpResponse refusal(RefusedRequestException refusal) {
        ResponseHeadersBuilder headers =
                ResponseHeaders.builder(refusal.problem().httpStatus()).contentType(type);
        if (refusal.problem() == Problem.UNAVAILABLE) {
            headers.setInt(HttpHeaderNames.RETRY_AFTER, RpcStatus.RETRY_SECONDS);
        } else if (refusal.problem() == Problem.NOT_POST) {
            headers.set(HttpHeaderNames.ALLOW, "POST");
        }
        return AggregatedHttpResponse.of(headers.build(), body(refusal));
    }
}
