package dev.brigade.context;

import dev.brigade.context.Propagators.Named;
import dev.brigade.threads.ContextLoader;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a call took from its caller's thread, for its bodies and callbacks: the context by propagator name, who binds it, and the
 * context class loader.
 *
 * <p><b>Thread safety</b>: immutable.
 *
 * @param values the context by propagator name, the MDC among them
 * @param propagators those that the caller's loaders see
 * @param loader the caller's context class loader
 */
public record CallerContext(
        Map<String, Map<String, String>> values,
        List<Named> propagators,
        @Nullable ClassLoader loader) {

    /** Takes the calling thread's; {@code code} is the loader that the call's function came from. */
    public static CallerContext capture(ClassLoader code) {
        ClassLoader loader = ContextLoader.current();
        List<Named> propagators = Propagators.seenFrom(loader, code);
        return new CallerContext(ContextCarrier.capture(propagators), propagators, loader);
    }

    /** Binds the values on the calling thread; what is returned restores what was there, and throws nothing. */
    public Runnable bind() {
        return ContextCarrier.bind(values, values.isEmpty() ? List.of() : propagators);
    }

    /** Runs a callback of the batch with the caller's class loader. */
    public void callBack(Runnable action) {
        boolean ignored = ask(() -> {
            action.run();
            return true;
        });
    }

    /** Asks a callback of the batch with the caller's class loader. */
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
