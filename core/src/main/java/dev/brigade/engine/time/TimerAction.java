package dev.brigade.engine.time;

import dev.brigade.TaskTimeoutException;
import dev.brigade.spi.StopMode;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the clock has done, short and no user code; one that throws, as anything may where memory, threads or descriptors are short,
 * is run again from its beginning a little later, and must bear that.
 */
@FunctionalInterface
public interface TimerAction {
    void run();

    /** It has thrown time after time, at last this: whoever waits for it is to be told. */
    default void giveUp(Throwable cause) {}

    /**
     * One on its way through the timer, which would keep to itself what it throws.
     *
     * <p>Design note: the timer's thread alone runs it. Made before there is a shortage, it has what a deadline needs loaded then: a
     * class that could not be loaded once may be refused for ever.
     */
    final class Timed implements Runnable {
        private static final Logger LOG = LoggerFactory.getLogger(TimerAction.class);
        static final int MAX_RUNS = 9;
        private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

        static {
            load(StopMode.class, TaskTimeoutException.class);
        }

        private final EngineThreads threads;
        private final TimerAction action;
        private int runs;

        Timed(EngineThreads threads, TimerAction action) {
            this.threads = threads;
            this.action = action;
        }

        /** Naming them to be initialized is enough. */
        private static void load(Class<?>... classes) {
            try {
                for (Class<?> one : classes) {
                    Class.forName(one.getName(), true, one.getClassLoader());
                }
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void run() {
            runs++;
            try {
                action.run();
            } catch (Throwable e) {
                log(e);
                if (runs == MAX_RUNS || !runsAgain()) {
                    action.giveUp(e);
                }
            }
        }

        private boolean runsAgain() {
            try {
                threads.schedule(FIRST_PAUSE_NANOS << (runs - 1), this);
                return true;
            } catch (Throwable e) {
                return false;
            }
        }

        private void log(Throwable e) {
            try {
                LOG.warn("what was due threw, {} of {} times", runs, MAX_RUNS, e);
            } catch (Throwable ignored) {
                // there is a shortage; what matters is what was due
            }
        }
    }
}
