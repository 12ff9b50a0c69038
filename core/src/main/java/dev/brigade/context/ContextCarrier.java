package dev.brigade.context;

import dev.brigade.ContextPropagator;
import dev.brigade.context.Propagators.Named;
import dev.brigade.threads.Callbacks;
import dev.brigade.threads.ContextLoader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Captures the caller's context and binds it around bodies: SLF4J's MDC, and the context of each {@link ContextPropagator}.
 *
 * <p>A throwable from a propagator is logged, and costs only that propagator's part of the context.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class ContextCarrier {
    private static final Logger LOG = LoggerFactory.getLogger(ContextCarrier.class);
    private static final String MDC_NAME = "slf4j.mdc";

    private static final Runnable CLEAR = ContextCarrier::clearMdc;

    private ContextCarrier() {}

    static Map<String, Map<String, String>> capture(List<Named> propagators) {
        Map<String, String> mdc = mdc();
        if (mdc == null && propagators.isEmpty()) {
            return Map.of();
        }
        Map<String, Map<String, String>> captured = new LinkedHashMap<>();
        if (mdc != null) {
            captured.put(MDC_NAME, mdc);
        }
        for (Named one : propagators) {
            Map<String, String> own = Propagators.capture(one);
            if (!own.isEmpty()) {
                captured.put(one.name, own);
            }
        }
        return captured;
    }

    /**
     * Binds the context on the calling thread. The thread's own MDC is set aside until the returned undo is run, so that a body's entries
     * in the MDC reach no other task.
     *
     * @param captured the result of {@link #capture}, perhaps from another process
     * @return an undo that restores the earlier context and throws nothing; to be run on the same thread
     */
    public static Runnable bind(Map<String, Map<String, String>> captured) {
        ClassLoader loader = ContextLoader.current();
        return bind(captured, captured.isEmpty() ? List.of() : Propagators.seenFrom(loader, loader));
    }

    static Runnable bind(Map<String, Map<String, String>> captured, List<Named> propagators) {
        Map<String, String> outer = mdc();
        Map<String, String> mdc = captured.get(MDC_NAME);
        if (propagators.isEmpty()) {
            Runnable undo = outer == null ? CLEAR : () -> setMdc(outer);
            setMdcUnlessEmpty(mdc, outer);
            return undo;
        }
        Undo undo = new Undo(outer, propagators.size()); // allocated before anything is bound: memory may be short
        setMdcUnlessEmpty(mdc, outer);
        for (Named one : propagators) {
            undo.bind(one, captured.get(one.name));
        }
        return undo;
    }

    private static void setMdcUnlessEmpty(@Nullable Map<String, String> wanted, @Nullable Map<String, String> outer) {
        if (wanted != null || outer != null) {
            setMdc(wanted);
        }
    }

    /** Returns a copy of the thread's MDC; null if it is empty or cannot be read. */
    private static @Nullable Map<String, String> mdc() {
        try {
            Map<String, String> copy = MDC.getCopyOfContextMap();
            return copy == null || copy.isEmpty() ? null : copy;
        } catch (Throwable t) {
            Callbacks.tell(thrown -> LOG.warn("the MDC could not be read; tasks run without it", thrown), t);
            return null;
        }
    }

    private static void clearMdc() {
        setMdc(null);
    }

    private static void setMdc(@Nullable Map<String, String> wanted) {
        try {
            if (wanted == null) {
                MDC.clear();
            } else {
                MDC.setContextMap(wanted);
            }
        } catch (Throwable t) {
            Callbacks.tell(thrown -> LOG.warn("the MDC could not be set", thrown), t);
        }
    }

    /** Undoes the bindings, in reverse order. */
    private static final class Undo implements Runnable {
        private final @Nullable Map<String, String> outerMdc;
        private final List<Runnable> undos;

        Undo(@Nullable Map<String, String> outerMdc, int propagators) {
            this.outerMdc = outerMdc;
            undos = new ArrayList<>(propagators);
        }

        void bind(Named one, @Nullable Map<String, String> own) {
            if (own == null) {
                return;
            }
            try {
                Runnable undo = one.propagator.bind(own);
                if (undo == null) {
                    LOG.warn("{} returned null from bind: what it bound stays on the thread", one);
                } else {
                    undos.add(undo);
                }
            } catch (Throwable t) {
                Callbacks.tell(
                        thrown -> LOG.warn("{} could not bind its context; the task runs without it", one, thrown), t);
            }
        }

        @Override
        public void run() {
            for (int i = undos.size() - 1; i >= 0; i--) {
                Callbacks.run(undos.get(i), t -> LOG.warn("a context could not be taken away from its thread", t));
            }
            setMdc(outerMdc);
        }
    }
}
