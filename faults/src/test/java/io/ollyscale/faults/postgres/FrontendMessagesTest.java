package io.ollyscale.faults.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrontendMessagesTest {

    private static final int SSL_REQUEST = 80877103;
    private static final int VERSION_3 = 196608;

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final List<String> seen = new ArrayList<>();
    private boolean cutsCommit;
    private int copyBytesLeft = Integer.MAX_VALUE;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 4096})
    void findsCommitsHoweverTheyAreSpread(int readSize) throws Exception {
        startup(SSL_REQUEST, "");
        startup(VERSION_3, "user\0COMMIT\0\0");
        message('p', "COMMIT\0");
        message('P', "S_1\0BEGIN\0\0\0");
        message('B', "\0S_1\0\0\0\0\0\0\0");
        message('P', "S_2\0SELECT 'COMMIT', '" + "x".repeat(1000) + "'\0\0\0");
        message('B', "\0S_2\0\0\0\0\0\0\0");
        message('E', "\0\0\0\0\0");
        message('d', "Q\0\0\0\0COMMIT");
        message('d', "");
        message('c', "");
        assertThat(read(readSize)).isEqualTo(sent.size());
        assertThat(seen).containsExactly("asks for encryption", "copies 11");

        message('P', "S_3\0COMMIT\0\0\0");
        message('S', "");
        assertThat(read(readSize)).isEqualTo(sent.size());
        assertThat(seen).doesNotContain("commits");

        message('B', "\0S_3\0\0\0\0\0\0\0");
        message('E', "\0\0\0\0\0");
        message('Q', "commit\0");
        message('Q', " END;\0");
        message('Q', "COMMIT PREPARED 'x'\0");
        message('C', "SS_3\0");
        message('B', "\0S_3\0\0\0\0\0\0\0");
        message('P', "\0COMMIT\0\0\0");
        message('B', "\0\0\0\0\0\0\0\0");
        message('P', "\0ROLLBACK\0\0\0");
        message('B', "\0\0\0\0\0\0\0\0");
        assertThat(read(readSize)).isEqualTo(sent.size());
        assertThat(seen)
                .containsExactly("asks for encryption", "copies 11", "commits", "commits", "commits", "commits");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 4096})
    void withholdsACommit(int readSize) throws Exception {
        cutsCommit = true;
        startup(VERSION_3, "user\0me\0\0");
        message('P', "S_1\0COMMIT\0\0\0");
        int before = sent.size();
        message('B', "\0S_1\0\0\0\0\0\0\0");
        int all = sent.size();
        message('E', "\0\0\0\0\0");

        // What of it has passed before it could be known isn't a whole message.
        assertThat(read(readSize)).isBetween(before, all - 1);
        if (readSize == 4096) {
            assertThat(read(readSize)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4096})
    void cutsWithinTheDataOfACopy(int readSize) throws Exception {
        startup(VERSION_3, "user\0me\0\0");
        message('d', "0123456789");
        message('d', "0123456789");
        int third = sent.size();
        message('d', "0123456789");
        copyBytesLeft = 24;

        assertThat(read(readSize)).isEqualTo(third + 5 + 4);
    }

    @Test
    void refusesWhatIsNotPostgres() {
        byte[] http = "GET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII);
        http[0] = -1;

        assertThatThrownBy(() -> messages().read(http, http.length)).isInstanceOf(IOException.class);
    }

    /** All that was sent, on a new connection; returns how much of it passes. */
    private int read(int size) throws IOException {
        seen.clear();
        FrontendMessages messages = messages();
        byte[] all = sent.toByteArray();
        for (int at = 0; at < all.length; at += size) {
            byte[] part = Arrays.copyOfRange(all, at, Math.min(all.length, at + size));
            int passing = messages.read(part, part.length);
            if (passing < part.length) {
                return at + passing;
            }
        }
        return all.length;
    }

    private FrontendMessages messages() {
        int[] left = {copyBytesLeft};
        int[] copied = {0};
        return new FrontendMessages(new FrontendMessages.Observer() {
            @Override
            public void asksForEncryption() {
                seen.add("asks for encryption");
            }

            @Override
            public int copiesData(int bytes) {
                copied[0] += bytes;
                seen.removeIf(what -> what.startsWith("copies"));
                seen.add("copies " + copied[0]);
                int passing = Math.min(bytes, left[0]);
                left[0] -= passing;
                return passing;
            }

            @Override
            public boolean commits() {
                seen.add("commits");
                return !cutsCommit;
            }
        });
    }

    private void startup(int code, String rest) throws IOException {
        byte[] bytes = rest.getBytes(StandardCharsets.US_ASCII);
        DataOutputStream out = new DataOutputStream(sent);
        out.writeInt(8 + bytes.length);
        out.writeInt(code);
        out.write(bytes);
    }

    private void message(char type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        DataOutputStream out = new DataOutputStream(sent);
        out.write(type);
        out.writeInt(4 + bytes.length);
        out.write(bytes);
    }
}
