package dev.brigade.runner;

import dev.brigade.threads.OwnThreads;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cleans up after runners that are unreachable and have not been closed.
 *
 * <p>Design note: the thread of a {@link java.lang.ref.Cleaner} lives as long as the cleaner. A cleaner in a static field lives as long as
 * its class loader, which the thread keeps alive: a redeployed application would stay in memory for ever. The thread of this class lives
 * as long as there is a runner to watch. The lock of this class guards its fields.
 */
final class AbandonedRunnerCleaner extends PhantomReference<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedRunnerCleaner.class);
    private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** The references to the watched runners; they must be reachable themselves, or none would be enqueued. */
    private static final Set<AbandonedRunnerCleaner> WATCHED = new HashSet<>();

    /** Null while nothing is watched. */
    private static @Nullable Thread watcher;

    private final Runnable cleanUp;

    private AbandonedRunnerCleaner(Object runner, Runnable cleanUp) {
        super(runner, QUEUE);
        this.cleanUp = cleanUp;
    }

    /**
     * Watches a runner.
     *
     * @param runner the runner
     * @param cleanUp run once, on the thread of this class, when the runner has become unreachable; does not refer to {@code runner}
     * @return the reference, whose {@link #forget} is to be called when the runner is closed in time
     */
    static AbandonedRunnerCleaner watch(Object runner, Runnable cleanUp) {
        return watch(runner, cleanUp, run -> OwnThreads.daemon("brigade-cleaner", run));
    }

    /** As {@link #watch(Object, Runnable)}; the factory makes the thread if there is none. */
    static AbandonedRunnerCleaner watch(Object runner, Runnable cleanUp, ThreadFactory threads) {
        AbandonedRunnerCleaner made = new AbandonedRunnerCleaner(runner, cleanUp);
        synchronized (AbandonedRunnerCleaner.class) {
            WATCHED.add(made);
            if (watcher == null) {
                try {
                    Thread thread = threads.newThread(AbandonedRunnerCleaner::run);
                    thread.start();
                    watcher = thread;
                } catch (OutOfMemoryError noThread) {
                    LOG.debug("the next runner that is made tries again", noThread);
                }
            }
        }
        return made;
    }

    /** Stops watching the runner, because it has been closed. */
    void forget() {
        synchronized (AbandonedRunnerCleaner.class) {
            if (WATCHED.remove(this)) {
                boolean ignored = enqueue(); // the thread ends if nothing is left to watch
            }
        }
    }

    private static void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = handle(QUEUE.remove());
            } catch (InterruptedException e) {
                LOG.debug("nobody but this class knows the thread", e);
            }
        }
    }

    /** Throws nothing, because that would end the thread. The logging may throw too, if the application's classes are gone. */
    private void cleanUpOrLog() {
        try {
            cleanUp.run();
        } catch (RuntimeException | Error e) {
            try {
                LOG.warn("a runner that nobody has closed could not be cleaned up after", e);
            } catch (RuntimeException | Error ignored) {
                return;
            }
        }
    }

    /** Handles an enqueued reference; returns true if there is a runner left to watch. */
    private static boolean handle(Reference<?> reference) {
        boolean due;
        synchronized (AbandonedRunnerCleaner.class) {
            due = WATCHED.remove(reference);
        }
        if (due && reference instanceof AbandonedRunnerCleaner abandoned) {
            abandoned.cleanUpOrLog();
        }
        synchronized (AbandonedRunnerCleaner.class) {
            if (WATCHED.isEmpty()) {
                watcher = null;
            }
            return watcher != null;
        }
    }
}
