package io.ollyscale.jobs.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBytesTest {
    private static final int LIMIT = 100_000;

    private final InFlight inFlight = new InFlight(new OtlpLimits(LIMIT, 2L * LIMIT, 2, Duration.ZERO, Duration.ZERO));
    private final RequestBytes bytes = new RequestBytes(LIMIT);

    /** Whatever a test does to a place, closing it gives everything back. */
    @AfterEach
    void leavesNothingReserved() {
        try (InFlight.Place place = inFlight.enter();
                InFlight.Place other = inFlight.enter()) {
            place.reserve(LIMIT);
            other.reserve(LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8_191, 8_192, 8_193, 50_000, LIMIT - 1, LIMIT})
    void readsUpToTheLimit(int length) throws IOException {
        byte[] body = random(length);
        try (InFlight.Place place = inFlight.enter()) {
            assertThat(bytes.receive(trickling(body), 0, place)).isEqualTo(body);
            place.releaseAll();
            assertThat(bytes.gunzip(Gzip.of(body), 0, place)).isEqualTo(body);
        }
    }

    @Test
    void refusesOneByteMore() {
        byte[] body = random(LIMIT + 1);
        try (InFlight.Place place = inFlight.enter()) {
            assertThatThrownBy(() -> bytes.receive(trickling(body), 0, place)).satisfies(RequestBytesTest::isTooLarge);
            place.releaseAll();
            assertThatThrownBy(() -> bytes.gunzip(Gzip.of(body), 0, place)).satisfies(RequestBytesTest::isTooLarge);
        }
    }

    @Test
    void allowsForTheFrameOfAProtocol() throws IOException {
        byte[] body = random(LIMIT + 5);
        try (InFlight.Place place = inFlight.enter()) {
            assertThat(bytes.receive(trickling(body), 5, place)).isEqualTo(body);
        }
    }

    @Test
    void readsSeveralGzipMembers() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(Gzip.of(new byte[] {1, 2}));
        members.write(Gzip.of(new byte[] {3}));
        try (InFlight.Place place = inFlight.enter()) {
            assertThat(bytes.gunzip(members.toByteArray(), 0, place)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void refusesGzipThatIsNoneOrCutOffOrDamaged() {
        byte[] compressed = Gzip.of(random(1000));
        byte[] damaged = compressed.clone();
        damaged[compressed.length - 8]++;
        try (InFlight.Place place = inFlight.enter()) {
            for (byte[] garbage : new byte[][] {
                {},
                {1, 2, 3},
                random(1000),
                Arrays.copyOf(compressed, 500),
                Arrays.copyOf(compressed, compressed.length - 3),
                damaged
            }) {
                assertThatThrownBy(() -> bytes.gunzip(garbage, 0, place))
                        .extracting("problem", "field")
                        .containsExactly(Problem.UNDECODABLE, "");
            }
        }
    }

    @Test
    void stopsABombAtTheLimit() {
        byte[] bomb = Gzip.ofZeros(1L << 30);
        try (InFlight.Place place = inFlight.enter()) {
            assertThatThrownBy(() -> bytes.gunzip(bomb, 0, place)).satisfies(RequestBytesTest::isTooLarge);
        }
    }

    @Test
    void sharesTheMemoryAmongRequests() throws IOException {
        try (InFlight.Place first = inFlight.enter();
                InFlight.Place second = inFlight.enter()) {
            bytes.receive(trickling(random(LIMIT)), 0, first);
            // While the second grows, it holds its bytes twice.
            assertThatThrownBy(() -> bytes.receive(trickling(random(LIMIT)), 0, second))
                    .isInstanceOf(RefusedRequestException.class)
                    .extracting("problem")
                    .isEqualTo(Problem.UNAVAILABLE);
            first.releaseAll();
            second.releaseAll();
            assertThat(bytes.receive(trickling(random(LIMIT)), 0, second)).hasSize(LIMIT);
        }
    }

    @Test
    void refusesTheThirdOfTwoRequests() {
        try (InFlight.Place first = inFlight.enter();
                InFlight.Place second = inFlight.enter()) {
            assertThat(tuple(first, second)).isNotNull();
            assertThatThrownBy(inFlight::enter).extracting("problem").isEqualTo(Problem.UNAVAILABLE);
        }
    }

    private static void isTooLarge(Throwable failure) {
        assertThat(failure).extracting("problem").isEqualTo(Problem.TOO_LARGE);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** As a network gives it: less than is asked for. */
    private static InputStream trickling(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1_460));
            }
        };
    }
}
