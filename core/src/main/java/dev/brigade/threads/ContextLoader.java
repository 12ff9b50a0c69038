package dev.brigade.threads;

import org.jspecify.annotations.Nullable;

/**
 * Sets a thread's context class loader for a while.
 *
 * <p>Design note: a loader that is set already is not set again. A thread that refuses to change it, as some pools' threads do, keeps its
 * own.
 *
 * <p><b>Thread safety</b>: each call affects the calling thread alone.
 */
public final class ContextLoader {
    private ContextLoader() {}

    /**
     * Returns the calling thread's context class loader.
     *
     * @return the loader; null if it has none
     */
    public static @Nullable ClassLoader current() {
        return Thread.currentThread().getContextClassLoader();
    }

    /**
     * Sets the calling thread's context class loader, unless the thread refuses.
     *
     * @param wanted the loader, perhaps null
     */
    @SuppressWarnings("ReferenceEquality") // identity is meant
    public static void set(@Nullable ClassLoader wanted) {
        Thread self = Thread.currentThread();
        if (self.getContextClassLoader() != wanted) {
            try {
                self.setContextClassLoader(wanted);
            } catch (RuntimeException refused) {
                return; // a common-pool thread under a security manager, or a user's thread with a fixed loader
            }
        }
    }
}
