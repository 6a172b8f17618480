package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.history.FsJobArchivist;
import org.apache.flink.runtime.rest.messages.ResponseBody;
import org.apache.flink.runtime.rest.util.RestMapperUtils;
import org.apache.flink.runtime.webmonitor.history.ArchivedJson;

/**
 * What JobManagers leave of jobs that have ended. A JobManager keeps ended jobs to itself: after it is gone, only this
 * knows how they ended.
 */
final class JobArchive {

    private final Path directory;
    private final Path results;

    JobArchive(Path directory, Path results) {
        this.directory = directory;
        this.results = results;
    }

    /** Whether no JobManager will ever run the job again; true a moment after its status is a final one. */
    boolean isOver(JobID job) {
        return Files.exists(results.resolve(job + ".json"));
    }

    /**
     * @param path below the job's own in the REST API, empty for the job itself
     * @return what the REST API answered there in the end, empty for a job that isn't archived
     */
    <T extends ResponseBody> Optional<T> read(JobID job, String path, Class<T> type) {
        Path file = directory.resolve(job.toString());
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            for (ArchivedJson json : FsJobArchivist.getArchivedJsons(new org.apache.flink.core.fs.Path(file.toUri()))) {
                if (json.getPath().equals("/jobs/" + job + path)) {
                    return Optional.of(RestMapperUtils.getStrictObjectMapper().readValue(json.getJson(), type));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new ProcessException("The archive of job " + job + " can't be read: " + e, e);
        }
    }
}
