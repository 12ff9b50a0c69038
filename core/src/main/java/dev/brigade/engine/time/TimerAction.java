package dev.brigade.engine.time;

import dev.brigade.TaskTimeoutException;
import dev.brigade.spi.StopMode;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An action of the timer; it is short and runs no user code. Any action may throw if memory, threads or descriptors are short. It is then
 * run again from its beginning a little later, and must tolerate that.
 */
@FunctionalInterface
public interface TimerAction {
    void run();

    /** Called when the action has thrown and is not run again: tells the threads that wait for it. {@code cause} is the last throwable. */
    default void giveUp(Throwable cause) {}

    /**
     * Runs an action on the timer, and again if it throws; the timer itself would only keep the throwable in its future.
     *
     * <p>Design note: only the timer's thread runs this. Its initialization loads the classes that a deadline needs, before there is a
     * shortage. A class that could not be loaded once may be refused for ever.
     */
    final class Timed implements Runnable {
        private static final Logger LOG = LoggerFactory.getLogger(TimerAction.class);
        static final int MAX_RUNS = 9;
        private static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

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

        /** Initializes the classes, which is enough; a class literal alone only loads its class. */
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
                threads.schedule(FIRST_DELAY_NANOS << (runs - 1), this);
                return true;
            } catch (Throwable e) {
                return false;
            }
        }

        private void log(Throwable e) {
            try {
                LOG.warn("what was due threw, {} of {} times", runs, MAX_RUNS, e);
            } catch (Throwable ignored) {
                // there is a shortage; the action matters, its log entry does not
            }
        }
    }
}
