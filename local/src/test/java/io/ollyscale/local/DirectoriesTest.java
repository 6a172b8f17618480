package io.ollyscale.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirectoriesTest {
    private Path made;

    @AfterEach
    void delete() {
        Directories.delete(made);
    }

    @Test
    void oneInMemoryIsThereWhereTheMachineHasThat() throws Exception {
        Path memory = Path.of("/dev/shm");

        made = Directories.inMemory("ollyscale-test-", 0);

        assertThat(made).isDirectory().hasParentRaw(Files.isWritable(memory) ? memory : temporaryFiles());
    }

    @Test
    void oneInMemoryIsATemporaryOneWhereThereIsNoRoom() throws Exception {
        made = Directories.inMemory("ollyscale-test-", Long.MAX_VALUE);

        assertThat(made).isDirectory().hasParentRaw(temporaryFiles());
    }

    private static Path temporaryFiles() throws IOException {
        return Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
    }
}
