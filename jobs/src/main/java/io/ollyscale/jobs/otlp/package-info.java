/**
 * Local mode's OTLP endpoint, which stands in for an OpenTelemetry Collector: what SDKs send over gRPC or HTTP is published
 * to Kafka as a Collector's Kafka exporter would, one request as one record.
 *
 * <p>gRPC is answered by ourselves on top of the HTTP/2 server, not by a gRPC library: OTLP has one kind of call, a message
 * in and a message out, so little is needed of the protocol; to a topic of protobuf the request's bytes are published
 * as they came, fields of newer releases included; and both protocols share one way in, with one limit on the memory that
 * all requests hold. For a topic of JSON, requests are written anew from their messages.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP 1.11</a>
 * @see <a href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">gRPC over HTTP/2</a>
 */
package io.ollyscale.jobs.otlp;
