package io.ollyscale.jobs.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C for the second time, by somebody who doesn't want to wait for an orderly stop: ends the process at once. The
 * servers' watchdogs stop them and delete their data; the job's own temporary files are left to the system. Without this
 * the JVM ignores it.
 */
final class SecondInterrupt {

    private static final int STATUS = 130;

    private SecondInterrupt() {}

    /** Where signals can't be handled, on a JVM of another kind, nothing changes. */
    static void endsAtOnce() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object interrupt = signal.getConstructor(String.class).newInstance("INT");
            AtomicBoolean received = new AtomicBoolean();
            Object[] usual = new Object[1];
            InvocationHandler onSignal = (proxy, method, arguments) -> {
                if (received.getAndSet(true)) {
                    Runtime.getRuntime().halt(STATUS);
                }
                return method.invoke(usual[0], arguments);
            };
            Object ours =
                    Proxy.newProxyInstance(SecondInterrupt.class.getClassLoader(), new Class<?>[] {handler}, onSignal);
            usual[0] = signal.getMethod("handle", signal, handler).invoke(null, interrupt, ours);
        } catch (ReflectiveOperationException e) {
            return;
        }
    }
}
