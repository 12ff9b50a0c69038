package dev.brigade.process.worker;

import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Handles SIGTERM, which a service manager sends to the whole process group while the parent drains. The worker finishes the tasks that it
 * has, and another worker takes its place.
 *
 * <p>Design note: a worker that ignored the signal would make the processes that tasks start ignore it too. {@code this} guards the fields.
 */
final class SigtermHandler {
    private @Nullable FrameChannel channel;
    private boolean came;

    private SigtermHandler() {}

    /** Handles the signal from now on. */
    static SigtermHandler handle() {
        SigtermHandler termination = new SigtermHandler();
        try {
            // By reflection: javac warns of these classes whatever one does, and not every JDK has them.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object one = signal.getConstructor(String.class).newInstance("TERM");
            signal.getMethod("handle", signal, handler).invoke(null, one, termination.handler(signal, handler));
        } catch (Throwable e) {
            // Then the signal ends the worker, as it would without this class.
        }
        return termination;
    }

    /**
     * Returns a handler that calls {@link #come}. Its type is unknown to javac, and a proxy takes fifty more classes and as many
     * milliseconds.
     */
    private Object handler(Class<?> signal, Class<?> handler) throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        SigtermHandler.class.getModule().addReads(handler.getModule());
        MethodType type = MethodType.methodType(void.class, signal);
        return LambdaMetafactory.metafactory(
                        lookup,
                        "handle",
                        MethodType.methodType(handler, SigtermHandler.class),
                        type,
                        lookup.findVirtual(
                                SigtermHandler.class, "come", MethodType.methodType(void.class, Object.class)),
                        type)
                .getTarget()
                .invoke(this);
    }

    /** The handler's method. */
    synchronized void come(Object signal) {
        came = true;
        tell();
    }

    /** Lets the parent be told from now on; tells it at once if the signal has come. */
    synchronized void tellBy(FrameChannel open) {
        channel = open;
        tell();
    }

    private void tell() {
        FrameChannel open = channel;
        if (came && open != null) {
            open.send(Frame.of(Frame.RETIRING, 0, Frame.RETIRING_SIGNAL));
        }
    }
}
