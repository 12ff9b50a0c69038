package dev.brigade.threads;

import java.util.concurrent.Callable;

/**
 * Calls what users give besides bodies: listeners, tests, actions. Whatever one throws, an error or a checked exception too, is
 * reported and goes no further.
 *
 * <p><b>Thread safety</b>: stateless.
 */
public final class Callbacks {
    private Callbacks() {}

    /** Is told what a callback threw: logs it, say. */
    @FunctionalInterface
    public interface Report {
        /**
         * A callback threw. What this throws in its turn is dropped.
         *
         * @param thrown what it threw; a stand-in where the throwable's own methods throw
         */
        void threw(Throwable thrown);
    }

    /**
     * Runs a callback.
     *
     * @param callback the callback
     * @param report who is told what it throws
     */
    public static void run(Runnable callback, Report report) {
        try {
            callback.run();
        } catch (Throwable t) {
            tell(report, t);
        }
    }

    /**
     * Asks a callback.
     *
     * @param question the callback
     * @param otherwise the answer when it throws
     * @param report who is told what it throws
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
     * Reports what a user's code threw. An {@link InterruptedException} sets the thread's flag again: whoever waits next on this
     * thread is to know.
     *
     * @param report who is told
     * @param thrown what was thrown
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
            // No memory, or a log that throws: what is to be done does not depend on what can be said.
        }
    }
}
