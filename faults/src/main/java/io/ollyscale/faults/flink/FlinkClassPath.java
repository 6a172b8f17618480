package io.ollyscale.faults.flink;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What of this JVM's class path a Flink distribution has in its lib directory. The job's own libraries are not in it, so a
 * job finds only what its jar brings, as on any cluster. One connector is Flink's own: it makes streams of given elements.
 */
final class FlinkClassPath {

    private static final Pattern LOGGING = Pattern.compile("(slf4j-api|log4j-(api|core|slf4j-impl))-\\d.*\\.jar");

    private static final Pattern FLINK = Pattern.compile("("
            + String.join(
                    "|",
                    "flink-(annotations|clients|connector-datagen|core|core-api|datastream|datastream-api|file-sink-common|hadoop-fs"
                            + "|metrics-core|queryable-state-client-java|rpc-core|rpc-akka-loader|runtime|runtime-web"
                            + "|statebackend-rocksdb|streaming-java)",
                    "flink-shaded-.+",
                    "frocksdbjni",
                    "kryo|minlog|objenesis|reflectasm",
                    "commons-(cli|collections|compress|io|lang3|math3|text)",
                    "snakeyaml-engine|snappy-java|lz4-java|async-profiler")
            + ")-\\d[^/]*(?<!-tests)\\.jar");

    private FlinkClassPath() {}

    /** Of a JobManager or TaskManager. */
    static List<Path> server() {
        return jars(
                name -> FLINK.matcher(name).matches() || LOGGING.matcher(name).matches());
    }

    /** Of a client in this JVM, which has its logging already. */
    static List<Path> client() {
        return jars(name -> FLINK.matcher(name).matches());
    }

    private static List<Path> jars(Predicate<String> wanted) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> wanted.test(path.getFileName().toString()))
                .toList();
    }
}
