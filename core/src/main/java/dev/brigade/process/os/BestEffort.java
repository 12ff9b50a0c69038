package dev.brigade.process.os;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps of a clean-up, each whatever became of the one before it, because another thread waits for the last. A step may throw
 * anything if a descriptor, memory or a thread is lacking.
 */
public final class BestEffort {
    private BestEffort() {}

    /** Only where there is something to log: in a worker that ends, SLF4J may take seconds to load. */
    private static final class LoggerHolder {
        static final Logger LOG = LoggerFactory.getLogger(BestEffort.class);
    }

    /** One step. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    /**
     * Does a step; what it throws is logged.
     *
     * @param what the step, for the log
     * @return whether it has thrown nothing
     */
    public static boolean attempt(String what, Step step) {
        try {
            step.run();
            return true;
        } catch (Throwable e) {
            try {
                LoggerHolder.LOG.warn("{} failed; what follows is done all the same", what, e);
            } catch (RuntimeException | Error noLog) {
                // The same shortage, as a rule.
            }
            return false;
        }
    }
}
