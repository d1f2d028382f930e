package dev.holdfast.dev;

import java.lang.reflect.Proxy;
import java.util.List;

/**
 * What a signal does to a program that is ending already. Java itself would ignore it. By reflection, because the compiler warns of the
 * class, which is supported (module jdk.unsupported) and has no successor.
 */
final class NextSignal {

    /** What Ctrl-C sends, and what other programs send. */
    private static final List<String> NAMES = List.of("INT", "TERM");

    private NextSignal() {}

    /** From now on the first of these signals runs the action, on a thread of its own. */
    static void does(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object running = Proxy.newProxyInstance(
                    NextSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        action.run();
                        return null;
                    });
            for (String name : NAMES) {
                Object ignored = signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), running);
            }
        } catch (ReflectiveOperationException e) {
            System.err.println("A second Ctrl-C will not end this at once: " + e);
        }
    }
}
