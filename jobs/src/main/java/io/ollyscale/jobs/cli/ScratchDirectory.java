package io.ollyscale.jobs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** Where the job's checkpoints are while this process lives. They aren't kept: the ledger knows where to resume. */
record ScratchDirectory(Path path) implements AutoCloseable {

    static ScratchDirectory create() throws IOException {
        return new ScratchDirectory(Files.createTempDirectory("ollyscale-checkpoints"));
    }

    @Override
    public void close() {
        FileUtils.deleteDirectoryQuietly(path.toFile());
    }
}
