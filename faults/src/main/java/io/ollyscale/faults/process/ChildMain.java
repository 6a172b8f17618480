package io.ollyscale.faults.process;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * What a {@link ChildJvm} runs: ends the process when the JVM that started it is gone, however that ended, and runs the
 * program. Uses no other class of ours: it is alone on the child's class path.
 */
public final class ChildMain {

    private static final int PARENT_IS_GONE = 86;

    private ChildMain() {}

    /**
     * @param args the name of the program's main class, then the program's arguments
     * @throws Throwable what the program throws
     */
    public static void main(String[] args) throws Throwable {
        Thread watch = new Thread(ChildMain::endWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        try {
            Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The parent never writes: its pipe only ends, when the parent does. */
    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException brokenPipe) {
            System.err.println("The parent's pipe is broken: " + brokenPipe);
        }
        Runtime.getRuntime().halt(PARENT_IS_GONE);
    }
}
