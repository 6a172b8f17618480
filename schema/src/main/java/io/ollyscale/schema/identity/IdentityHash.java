package io.ollyscale.schema.identity;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** A dimension's SHA-256 and the id that its first 8 bytes are. */
public record IdentityHash(byte[] sha256) {

    /** The name that facts know the dimension by; no database is asked for it. */
    public long id() {
        return ByteBuffer.wrap(sha256).getLong();
    }

    /** 64 hex digits, as the dimension tables have them. */
    public String hex() {
        return HexFormat.of().formatHex(sha256);
    }
}
