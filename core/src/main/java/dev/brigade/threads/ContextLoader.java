package dev.brigade.threads;

import org.jspecify.annotations.Nullable;

/**
 * Sets a thread's context class loader for a while.
 *
 * <p>Design note: a loader that is there already is not set. A thread that refuses, as some pools' do, keeps its own.
 *
 * <p><b>Thread safety</b>: each thread its own.
 */
public final class ContextLoader {
    private ContextLoader() {}

    /**
     * The calling thread's.
     *
     * @return the loader; null when it has none
     */
    public static @Nullable ClassLoader current() {
        return Thread.currentThread().getContextClassLoader();
    }

    /**
     * Gives the calling thread this loader.
     *
     * @param wanted the loader, perhaps null
     */
    @SuppressWarnings("ReferenceEquality") // another one is another one
    public static void set(@Nullable ClassLoader wanted) {
        Thread self = Thread.currentThread();
        if (self.getContextClassLoader() != wanted) {
            try {
                self.setContextClassLoader(wanted);
            } catch (RuntimeException refused) {
                return; // a thread of the common pool under a security manager, or a user's whose loader is fixed
            }
        }
    }
}
