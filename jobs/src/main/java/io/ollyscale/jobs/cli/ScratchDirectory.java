package io.ollyscale.jobs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** What the job writes while this process lives. Its checkpoints aren't kept: the ledger knows where to resume. */
record ScratchDirectory(Path path) implements AutoCloseable {

    static ScratchDirectory create() throws IOException {
        return new ScratchDirectory(Files.createTempDirectory("ollyscale-job-"));
    }

    @Override
    public void close() {
        FileUtils.deleteDirectoryQuietly(path.toFile());
    }
}
