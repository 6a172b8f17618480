package io.ollyscale.faults.flink;

import io.ollyscale.faults.process.ChildClasses;
import io.ollyscale.faults.process.ProcessException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;

/**
 * {@code flink run} inside this JVM. Flink and the job are loaded apart from this JVM's own class path, which has the job
 * too: Flink's class loader for jobs would take the connectors from there and everything else from the jar.
 */
final class FlinkClient implements AutoCloseable {

    private final URLClassLoader flink;

    /** @param directory for the one class of ours that runs there */
    FlinkClient(Path directory) {
        List<Path> classPath = new ArrayList<>(FlinkClassPath.client());
        classPath.add(ChildClasses.copy(ProgramRun.class, directory));
        this.flink =
                new URLClassLoader(classPath.stream().map(FlinkClient::url).toArray(URL[]::new), new LoggingOnly());
    }

    /**
     * Runs the jar's main method; its job is submitted when this returns.
     *
     * @throws ProcessException if it fails, with what it threw as the cause
     */
    void run(Path jar, Configuration options) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(flink);
        try {
            flink.loadClass(ProgramRun.class.getName())
                    .getMethod("run", File.class, Map.class)
                    .invoke(null, jar.toFile(), options.toMap());
        } catch (InvocationTargetException e) {
            throw new ProcessException(jar + " can't be submitted: " + Causes.of(e.getCause()), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new ProcessException("Flink's client can't be run: " + e, e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public void close() {
        try {
            flink.close();
        } catch (IOException e) {
            throw new ProcessException("Flink's client can't be closed: " + e, e);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new ProcessException("Not a path for a class loader: " + path, e);
        }
    }

    /** The JDK's classes, and this JVM's logging, which must not be set up twice. */
    private static final class LoggingOnly extends ClassLoader {

        private static final List<String> LOGGING = List.of("org.slf4j.", "org.apache.logging.", "org.apache.log4j.");

        private final ClassLoader own = FlinkClient.class.getClassLoader();

        LoggingOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (LOGGING.stream().noneMatch(name::startsWith)) {
                throw new ClassNotFoundException(name);
            }
            return own.loadClass(name);
        }
    }
}
