package dev.brigade.threads;

import java.util.concurrent.Callable;

/**
 * Calls users' code other than bodies: listeners, predicates, actions. A throwable from it, even an error or a checked exception, is
 * reported and goes no further.
 *
 * <p><b>Thread safety</b>: stateless.
 */
public final class Callbacks {
    private Callbacks() {}

    /** Receives the throwable of a callback, for example to log it. */
    @FunctionalInterface
    public interface Report {
        /**
         * Reports that a callback threw. If this method throws in its turn, it is called again with a stand-in; a second throwable is
         * dropped.
         *
         * @param thrown the callback's throwable, or a stand-in for it
         */
        void threw(Throwable thrown);
    }

    /**
     * Runs a callback.
     *
     * @param callback the callback
     * @param report receives the callback's throwable
     */
    public static void run(Runnable callback, Report report) {
        try {
            callback.run();
        } catch (Throwable t) {
            tell(report, t);
        }
    }

    /**
     * Returns the answer of a callback.
     *
     * @param question the callback
     * @param otherwise the answer if it throws
     * @param report receives the callback's throwable
     * @param <T> the type of the answer
     * @return the answer
     */
    public static <T> T ask(Callable<? extends T> question, T otherwise, Report report) {
        try {
            return question.call();
        } catch (Throwable t) {
            tell(report, t);
            return otherwise;
        }
    }

    /**
     * Reports a throwable from users' code. An {@link InterruptedException} also sets the thread's interrupt flag again, for the next wait
     * on this thread.
     *
     * @param report receives the throwable
     * @param thrown the throwable
     */
    public static void tell(Report report, Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        try {
            report.threw(thrown);
        } catch (Throwable unprintable) {
            tellStandIn(report, thrown);
        }
    }

    private static void tellStandIn(Report report, Throwable thrown) {
        try {
            report.threw(ThrowableText.standIn(thrown));
        } catch (Throwable ignored) {
            // No memory, or a log that throws: the caller's work does not depend on logging.
        }
    }
}
