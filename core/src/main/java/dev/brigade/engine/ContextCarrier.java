package dev.brigade.engine;

import dev.brigade.ContextPropagator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Takes the caller's context and binds it around bodies: SLF4J's MDC, and whatever {@link ContextPropagator}s there are.
 *
 * <p><b>Thread safety</b>: all methods, from any thread.
 */
public final class ContextCarrier {
    private static final Logger LOG = LoggerFactory.getLogger(ContextCarrier.class);
    private static final String MDC_NAME = "slf4j.mdc";
    private static final List<ContextPropagator> PROPAGATORS = load();

    private static final Runnable CLEAR = MDC::clear;

    private ContextCarrier() {}

    /**
     * Takes the calling thread's context.
     *
     * @return the context by propagator name; empty when there is none
     */
    public static Map<String, Map<String, String>> capture() {
        Map<String, String> mdc = MDC.getCopyOfContextMap();
        boolean plain = mdc == null || mdc.isEmpty();
        if (plain && PROPAGATORS.isEmpty()) {
            return Map.of();
        }
        Map<String, Map<String, String>> captured = new LinkedHashMap<>();
        if (!plain) {
            captured.put(MDC_NAME, mdc);
        }
        for (ContextPropagator propagator : PROPAGATORS) {
            Map<String, String> own = captureQuietly(propagator);
            if (!own.isEmpty()) {
                captured.put(propagator.name(), own);
            }
        }
        return captured;
    }

    /**
     * Gives the calling thread that context. Whatever its MDC held is set aside until the returned undo is run, so that what a
     * body puts there reaches no other task.
     *
     * @param captured what {@link #capture} returned, perhaps in another process
     * @return restores what was there; to be run on the same thread
     */
    public static Runnable bind(Map<String, Map<String, String>> captured) {
        Map<String, String> outer = MDC.getCopyOfContextMap();
        Map<String, String> mdc = captured.get(MDC_NAME);
        if (mdc != null) {
            MDC.setContextMap(mdc);
        } else if (outer != null && !outer.isEmpty()) {
            MDC.clear();
        }
        if (captured.isEmpty() || PROPAGATORS.isEmpty()) {
            return outer == null || outer.isEmpty() ? CLEAR : () -> restoreMdc(outer);
        }
        List<Runnable> undos = bindAll(captured);
        return () -> {
            for (int i = undos.size() - 1; i >= 0; i--) {
                undoQuietly(undos.get(i));
            }
            restoreMdc(outer);
        };
    }

    private static void restoreMdc(@Nullable Map<String, String> outer) {
        if (outer == null || outer.isEmpty()) {
            MDC.clear();
        } else {
            MDC.setContextMap(outer);
        }
    }

    private static List<Runnable> bindAll(Map<String, Map<String, String>> captured) {
        List<Runnable> undos = new ArrayList<>();
        for (ContextPropagator propagator : PROPAGATORS) {
            try {
                Map<String, String> own = captured.get(propagator.name());
                if (own != null) {
                    undos.add(propagator.bind(own));
                }
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("{} could not bind its context; the task runs without it", propagator, e);
            }
        }
        return undos;
    }

    private static Map<String, String> captureQuietly(ContextPropagator propagator) {
        try {
            return propagator.capture();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("{} could not capture its context; tasks run without it", propagator, e);
            return Map.of();
        }
    }

    private static void undoQuietly(Runnable undo) {
        try {
            undo.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("a context could not be taken away from its thread", e);
        }
    }

    private static List<ContextPropagator> load() {
        List<ContextPropagator> found = new ArrayList<>();
        try {
            ServiceLoader.load(ContextPropagator.class).forEach(found::add);
        } catch (ServiceConfigurationError e) {
            LOG.warn("context propagators could not be loaded; tasks run without them", e);
        }
        return List.copyOf(found);
    }
}
