/**
 * OTLP/JSON into OTLP's own message classes and back, strictly by the rules of the OTLP specification.
 *
 * <p>Not protobuf's {@code JsonFormat}: that reads hex ids as base64, keeps the first of two documents and accepts enum
 * names. See <a href="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding">JSON Protobuf Encoding</a> and
 * <a href="https://protobuf.dev/programming-guides/json/">ProtoJSON</a>, on which that is built.
 */
package io.ollyscale.schema.json;
