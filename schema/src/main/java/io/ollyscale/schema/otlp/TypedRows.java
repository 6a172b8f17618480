package io.ollyscale.schema.otlp;

import com.google.protobuf.ByteString;

/** Where promoted attributes go: the COPY buffers of a fact's typed tables, or the lists of a dimension. */
interface TypedRows {

    void string(int keyId, String value);

    void integer(int keyId, long value);

    void number(int keyId, double value);

    void bool(int keyId, boolean value);

    void bytes(int keyId, ByteString value);
}
