package dev.brigade.process.os;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps of which each is to be done whatever became of the one before it: somebody waits for the last. Where a descriptor, memory or
 * a thread is lacking, any of them may throw anything.
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
