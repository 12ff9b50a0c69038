package dev.brigade.context;

import com.google.common.collect.MapMaker;
import dev.brigade.ContextPropagator;
import dev.brigade.threads.Callbacks;
import dev.brigade.threads.ThrowableText;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the {@link ContextPropagator}s that a class loader sees, once for each loader.
 *
 * <p>Design note: the findings must keep no loader in memory. Loaders are weak keys. A propagator is held weakly too; its own class keeps
 * it alive, through a {@link ClassValue}. So it is collected with its class's loader, and no sooner. Two loaders that see the same class
 * share its propagator.
 */
final class Propagators {
    private static final Logger LOG = LoggerFactory.getLogger(Propagators.class);

    /** Number of failed providers after which the search ends: their list may be broken, and fail without end. */
    private static final int MAX_FAILURES = 100;

    private static final ConcurrentMap<ClassLoader, List<WeakReference<Named>>> KNOWN =
            new MapMaker().weakKeys().makeMap();

    private static final ClassValue<List<Named>> OF_CLASS = new ClassValue<>() {
        @Override
        protected List<Named> computeValue(Class<?> type) {
            return new ArrayList<>(1);
        }
    };

    private Propagators() {}

    /** A propagator, and the name under which its captured context travels. */
    static final class Named {
        final String name;
        final ContextPropagator propagator;

        Named(ContextPropagator propagator) {
            this.propagator = propagator;
            name = Objects.requireNonNull(propagator.name(), "name() returned null");
        }

        @Override
        public String toString() {
            return propagator.getClass().getName();
        }
    }

    /**
     * Returns the propagators that these loaders and the library's own loader see, in that order. A later loader adds only names that the
     * earlier ones lack. Null stands for the system class loader.
     */
    @SuppressWarnings("ReferenceEquality") // identity is meant
    static List<Named> seenFrom(@Nullable ClassLoader first, @Nullable ClassLoader second) {
        ClassLoader own = Propagators.class.getClassLoader();
        List<Named> found = seenFrom(first);
        if (second != first) {
            found = merged(found, seenFrom(second));
        }
        return own == first || own == second ? found : merged(found, seenFrom(own));
    }

    private static List<Named> merged(List<Named> some, List<Named> more) {
        if (some.isEmpty() || more.isEmpty()) {
            return some.isEmpty() ? more : some;
        }
        List<Named> all = new ArrayList<>(some);
        for (Named one : more) {
            if (some.stream().noneMatch(other -> other.name.equals(one.name))) {
                all.add(one);
            }
        }
        return all;
    }

    private static List<Named> seenFrom(@Nullable ClassLoader loader) {
        ClassLoader from = loader == null ? ClassLoader.getSystemClassLoader() : loader;
        List<WeakReference<Named>> known = KNOWN.get(from);
        if (known == null) {
            known = find(from);
        }
        if (known.isEmpty()) {
            return List.of();
        }
        List<Named> all = new ArrayList<>(known.size());
        for (WeakReference<Named> one : known) {
            Named named = one.get();
            if (named != null) {
                all.add(named);
            }
        }
        return all;
    }

    private static List<WeakReference<Named>> find(ClassLoader loader) {
        Search search = new Search(loader);
        List<WeakReference<Named>> found = search.run();
        if (!search.resourcesShort) {
            KNOWN.put(loader, found);
        }
        return found;
    }

    /** One search of a loader: a provider that cannot be loaded, linked or made is skipped. */
    private static final class Search {
        private final ClassLoader loader;
        private final List<WeakReference<Named>> found = new ArrayList<>();
        private final Set<String> told = new HashSet<>();
        private int failures;

        /** True if memory or stack was short: this says nothing of the providers, so the result is not kept. */
        boolean resourcesShort;

        Search(ClassLoader loader) {
            this.loader = loader;
        }

        List<WeakReference<Named>> run() {
            Iterator<ServiceLoader.Provider<ContextPropagator>> providers = null;
            while (failures < MAX_FAILURES) {
                try {
                    if (providers == null) {
                        providers = ServiceLoader.load(ContextPropagator.class, loader).stream()
                                .iterator();
                    }
                    if (!providers.hasNext()) {
                        return List.copyOf(found);
                    }
                    add(providers.next().get());
                } catch (Throwable t) {
                    failed(t);
                }
            }
            LOG.warn("context propagators are looked for no further in {}: too many cannot be used", loaderName());
            return List.copyOf(found);
        }

        private void add(ContextPropagator propagator) {
            Named shared = shared(new Named(propagator));
            if (found.stream().noneMatch(other -> other.refersTo(shared))) {
                found.add(new WeakReference<>(shared));
            }
        }

        private void failed(Throwable thrown) {
            failures++;
            resourcesShort |= thrown instanceof VirtualMachineError;
            if (told.add(ThrowableText.of(thrown))) {
                Callbacks.tell(
                        t -> LOG.warn("a context propagator cannot be used; tasks run without it, with the others", t),
                        thrown);
            }
        }

        private String loaderName() {
            return loader.getClass().getName();
        }
    }

    /** Returns the propagator of that class and name that was found first. */
    private static Named shared(Named made) {
        List<Named> ofClass = OF_CLASS.get(made.propagator.getClass());
        synchronized (ofClass) {
            for (Named known : ofClass) {
                if (known.name.equals(made.name)) {
                    return known;
                }
            }
            ofClass.add(made);
            return made;
        }
    }

    /** Returns a copy of the context that a propagator captures; empty if it captures nothing or throws. */
    static Map<String, String> capture(Named one) {
        return Callbacks.ask(
                () -> Collections.unmodifiableMap(new LinkedHashMap<>(one.propagator.capture())),
                Map.of(),
                t -> LOG.warn("{} could not capture its context; tasks run without it", one, t));
    }
}
