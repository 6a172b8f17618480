package io.ollyscale.faults.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildJvmITCase {

    @Test
    void saysWhyItEnded(@TempDir Path directory) {
        try (ChildJvm child = start(directory, "child", Failing.class)) {
            await().until(() -> !child.isAlive());
            assertThatThrownBy(child::requireAlive)
                    .isInstanceOf(ProcessException.class)
                    .hasMessageContaining("told to fail");
        }
    }

    @Test
    void endsByForceWhileItIsSuspended(@TempDir Path directory) {
        try (ChildJvm child = start(directory, "child", Waiter.class)) {
            child.suspend();
            assertThat(child.isAlive()).isTrue();
            child.kill();
            assertThat(child.isAlive()).isFalse();
        }
    }

    @Test
    void endsInOrderWhileItIsSuspended(@TempDir Path directory) {
        ChildJvm child = start(directory, "child", Waiter.class);
        await().until(() -> child.lastLines(1).equals("waiting"));
        child.suspend();
        child.close();
        assertThat(child.lastLines(1)).isEqualTo("ends in order");
    }

    @Test
    void endsWithItsParentThatIsKilledEvenIfItIsSuspended(@TempDir Path directory) throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ProcessHandle running;
        ProcessHandle suspended;
        try (BufferedReader output = parent.inputReader()) {
            running = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
            suspended = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
        } finally {
            parent.destroyForcibly().waitFor();
        }
        await().until(() -> !running.isAlive() && !suspended.isAlive());
    }

    private static ChildJvm start(Path directory, String name, Class<?> main) {
        List<Path> classPath = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
        return ChildJvm.start(name, directory.resolve(name + ".log"), classPath, List.of(), main.getName(), List.of());
    }

    /** Starts two and waits to be killed. */
    public static final class Parent {

        public static void main(String[] args) throws Exception {
            Path directory = Path.of(args[0]);
            System.out.println(start(directory, "running", Waiter.class).pid());
            ChildJvm suspended = start(directory, "suspended", Waiter.class);
            suspended.suspend();
            System.out.println(suspended.pid());
            Thread.currentThread().join();
        }
    }

    /** Waits for ever. */
    public static final class Waiter {

        public static void main(String[] args) throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ends in order")));
            System.out.println("waiting");
            Thread.currentThread().join();
        }
    }

    /** Fails at once. */
    public static final class Failing {

        public static void main(String[] args) {
            throw new IllegalStateException("told to fail");
        }
    }
}
