package dev.brigade.context;

import dev.brigade.context.Propagators.Named;
import dev.brigade.threads.ContextLoader;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The context that a batch takes from its caller's thread, for its bodies and callbacks: the values by propagator name, the propagators
 * that bind them, and the context class loader.
 *
 * <p><b>Thread safety</b>: immutable.
 *
 * @param values the context by propagator name, the MDC among them
 * @param propagators the propagators that the caller's class loaders see
 * @param loader the caller's context class loader
 */
public record CallerContext(
        Map<String, Map<String, String>> values,
        List<Named> propagators,
        @Nullable ClassLoader loader) {

    /** Captures the calling thread's context; {@code code} is the class loader of the batch's function. */
    public static CallerContext capture(ClassLoader code) {
        ClassLoader loader = ContextLoader.current();
        List<Named> propagators = Propagators.seenFrom(loader, code);
        return new CallerContext(ContextCarrier.capture(propagators), propagators, loader);
    }

    /** Binds the values on the calling thread; the returned runnable restores the earlier ones, and throws nothing. */
    public Runnable bind() {
        return ContextCarrier.bind(values, values.isEmpty() ? List.of() : propagators);
    }

    /** Runs a callback of the batch with the caller's context class loader. */
    public void callBack(Runnable action) {
        boolean ignored = ask(() -> {
            action.run();
            return true;
        });
    }

    /** Returns a callback's answer; calls it with the caller's context class loader. */
    public <T> T ask(Supplier<T> question) {
        ClassLoader outer = ContextLoader.current();
        ContextLoader.set(loader);
        try {
            return question.get();
        } finally {
            ContextLoader.set(outer);
        }
    }
}
