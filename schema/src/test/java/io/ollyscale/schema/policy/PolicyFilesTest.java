package io.ollyscale.schema.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyFilesTest {
    private static final String PROMOTED = "span: {http.route: string}";
    private static final String DROPPED = "span: [secret]";

    @TempDir
    Path directory;

    @Test
    void readsBothFiles() throws Exception {
        write("""
                resource:
                  service.name: string
                span:
                  http.response.status_code: int
                  url.path: {type: string, indexed: false}
                  ratio: {type: double}
                  sampled: bool
                  digest: bytes
                """, """
                resource:
                  - k8s.pod.uid
                  - internal.*
                event: []
                """);

        AttributePolicy policy = PolicyFiles.read(directory);

        assertThat(policy.of(AttributeContext.RESOURCE))
                .isEqualTo(new ContextPolicy(
                        Map.of("service.name", key("service.name", ValueType.STRING, true)),
                        DroppedKeys.of(List.of("k8s.pod.uid", "internal.*"))));
        assertThat(policy.of(AttributeContext.SPAN).promoted().values())
                .containsExactlyInAnyOrder(
                        key("http.response.status_code", ValueType.INT, true),
                        key("url.path", ValueType.STRING, false),
                        key("ratio", ValueType.DOUBLE, true),
                        key("sampled", ValueType.BOOL, true),
                        key("digest", ValueType.BYTES, true));
        assertThat(policy.of(AttributeContext.LINK)).isEqualTo(ContextPolicy.EMPTY);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    spam: {a: string}                         | promoted-keys.yaml: unknown context spam
                    5: {a: string}                            | promoted-keys.yaml: unknown context 5
                    SPAN: {a: string}                         | promoted-keys.yaml: unknown context SPAN
                    span: [a]                                 | promoted-keys.yaml: span must map keys to types
                    span:                                     | promoted-keys.yaml: span must map keys to types
                    span: {a: text}                           | promoted-keys.yaml: span a has the unknown type text
                    span: {a: }                               | promoted-keys.yaml: span a has the unknown type null
                    span: {a: STRING}                         | promoted-keys.yaml: span a has the unknown type STRING
                    span: {a: {indexed: true}}                | promoted-keys.yaml: span a has the unknown type null
                    span: {a: {type: int, indexed: maybe}}    | promoted-keys.yaml: span a: indexed must be true or false
                    span: {a: {type: int, indexed: }}         | promoted-keys.yaml: span a: indexed must be true or false
                    span: {a: {type: int, index: false}}      | promoted-keys.yaml: span a has an unknown setting index
                    span: {5: int}                            | promoted-keys.yaml: span has a key that isn't a text of 1 to 512 characters without U+0000
                    span: {"": int}                           | promoted-keys.yaml: span has a key that isn't a text of 1 to 512 characters without U+0000
                    span: {"a\\0": int}                       | promoted-keys.yaml: span has a key that isn't a text of 1 to 512 characters without U+0000
                    span: {a: &x [[*x]]}                      | promoted-keys.yaml: span a has the unknown type (a list or map)
                    span: {a: {type: &x {b: [*x]}}}           | promoted-keys.yaml: span a has the unknown type (a list or map)
                    [a, b]: {a: int}                          | promoted-keys.yaml: not valid YAML: Non scalar key is detected but it is not configured to be allowed.
                    span: {$keys: string}                     | promoted-keys.yaml: span $keys can't be promoted: such keys are reserved in the catch-all
                    []                                        | promoted-keys.yaml: must have a section for at least one context
                    a text                                    | promoted-keys.yaml: must have a section for at least one context
                    # nothing                                 | promoted-keys.yaml: must have a section for at least one context
                    """)
    void refusesPromotedKeysThatCannotBeFollowed(String promoted, String message) throws Exception {
        write(promoted, DROPPED);

        assertRefused(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    spam: [a]                | dropped-keys.yaml: unknown context spam
                    span: {a: string}        | dropped-keys.yaml: span must be a list of keys
                    span: a                  | dropped-keys.yaml: span must be a list of keys
                    span: [a, b, a]          | dropped-keys.yaml: span lists a twice
                    span: [a, http.route]    | dropped-keys.yaml: span drops http.route, which promoted-keys.yaml promotes
                    span: [http.*]           | dropped-keys.yaml: span drops http.route by http.*, which promoted-keys.yaml promotes
                    span: ['*']              | dropped-keys.yaml: span drops http.route by *, which promoted-keys.yaml promotes
                    span: [a.*.b]            | dropped-keys.yaml: span has a * in a.*.b that isn't at its end
                    span: [a**]              | dropped-keys.yaml: span has a * in a** that isn't at its end
                    span: [a.*, a.*]         | dropped-keys.yaml: span lists a.* twice
                    span: [5]                | dropped-keys.yaml: span has a key that isn't a text of 1 to 512 characters without U+0000
                    span: ['']               | dropped-keys.yaml: span has a key that isn't a text of 1 to 512 characters without U+0000
                    # nothing                | dropped-keys.yaml: must have a section for at least one context
                    """)
    void refusesDroppedKeysThatCannotBeFollowed(String dropped, String message) throws Exception {
        write(PROMOTED, dropped);

        assertRefused(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    span: {a: int, a: string}    | duplicate key
                    span: {a: int                | expected ',' or '}'
                    span: *unknown               | unknown
                    --- {} \\n--- {}             | document
                    """)
    void refusesWhatIsNotYamlAndSaysWhere(String promoted, String part) throws Exception {
        write(promoted.replace("\\n", "\n"), DROPPED);

        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> PolicyFiles.read(directory))
                .withMessageStartingWith("promoted-keys.yaml: not valid YAML: ")
                .withMessageContaining(part)
                .withMessageContaining("line 1");
    }

    @Test
    void refusesWhatIsNestedTooDeeply() throws Exception {
        write("span: " + "[".repeat(200_000), DROPPED);

        assertRefused("promoted-keys.yaml: not valid YAML: nested too deeply");
    }

    @Test
    void refusesAFileThatNoConfigMapHolds() throws Exception {
        write("# " + "x".repeat(1 << 20), DROPPED);

        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> PolicyFiles.read(directory))
                .withMessageContaining("has 1048578 bytes; at most 1048576 are read");
    }

    @Test
    void aKeyMayHave512Characters() throws Exception {
        String longest = "k".repeat(512);
        write("span: {" + longest + ": int}", DROPPED);
        assertThat(PolicyFiles.read(directory).of(AttributeContext.SPAN).promoted())
                .containsOnlyKeys(longest);

        write("span: {" + longest + "k: int}", DROPPED);
        assertRefused("promoted-keys.yaml: span has a key that isn't a text of 1 to 512 characters without U+0000");
    }

    @Test
    void namesAFileThatIsMissing() throws Exception {
        Files.writeString(directory.resolve(PolicyFiles.PROMOTED), PROMOTED);

        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> PolicyFiles.read(directory))
                .withMessageStartingWith("cannot read the attribute policy " + directory.resolve(PolicyFiles.DROPPED)
                        + ": java.nio.file.NoSuchFileException");
    }

    @Test
    void namesAFileThatIsNotText() throws Exception {
        write(PROMOTED, DROPPED);
        Files.write(directory.resolve(PolicyFiles.PROMOTED), new byte[] {(byte) 0xff});

        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> PolicyFiles.read(directory))
                .withMessageStartingWith("cannot read the attribute policy " + directory.resolve(PolicyFiles.PROMOTED));
    }

    /** Kubernetes changes a ConfigMap by renaming one link, through which both files are read, and removes what was there. */
    @Test
    void readsBothFilesOfOneMomentWhileAConfigMapChanges() throws Exception {
        Path data = directory.resolve("..data");
        Path first = directory.resolve("..0");
        writeRevision(first, 0);
        Files.createSymbolicLink(data, first.getFileName());
        for (String file : List.of(PolicyFiles.PROMOTED, PolicyFiles.DROPPED)) {
            Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
        }
        CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 1; i <= 500; i++) {
                    Path next = directory.resolve(".." + i);
                    writeRevision(next, i);
                    Path link = Files.createSymbolicLink(directory.resolve("..tmp"), next.getFileName());
                    Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);
                    Path last = directory.resolve(".." + (i - 1));
                    Files.delete(last.resolve(PolicyFiles.PROMOTED));
                    Files.delete(last.resolve(PolicyFiles.DROPPED));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        int reads = 0;
        while (!changes.isDone() || reads == 0) {
            PolicyFiles.Texts texts;
            try {
                texts = PolicyFiles.texts(directory);
            } catch (PolicyException e) {
                // Changes come quicker here than anybody looks; at the next look it is read.
                continue;
            }
            assertThat(texts.promoted()).isEqualTo(texts.dropped());
            reads++;
        }
        changes.get();
    }

    private static void writeRevision(Path data, int revision) throws IOException {
        Files.createDirectory(data);
        Files.writeString(data.resolve(PolicyFiles.PROMOTED), "revision " + revision);
        Files.writeString(data.resolve(PolicyFiles.DROPPED), "revision " + revision);
    }

    private void assertRefused(String message) {
        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> PolicyFiles.read(directory))
                .withMessage(message);
    }

    private void write(String promoted, String dropped) throws Exception {
        Files.writeString(directory.resolve(PolicyFiles.PROMOTED), promoted);
        Files.writeString(directory.resolve(PolicyFiles.DROPPED), dropped);
    }

    private static PromotedKey key(String key, ValueType type, boolean indexed) {
        return new PromotedKey(key, type, indexed, 0);
    }
}
