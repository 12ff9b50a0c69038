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
 * Cleans up after runners that nobody has closed and nobody can reach.
 *
 * <p>Design note: a {@link java.lang.ref.Cleaner}'s thread lives as long as the cleaner, and one in a static field as long as the
 * class loader, which that thread keeps alive: an application that is redeployed would stay for ever. This thread lives as long
 * as there is a runner to watch. The lock of this class guards its fields.
 */
final class AbandonedRunnerCleaner extends PhantomReference<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedRunnerCleaner.class);
    private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** Those that are watched; without a reference to them nothing would be queued. */
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
     * @param runner what is watched
     * @param cleanUp run once, on a thread of its own, when it has become unreachable; does not refer to {@code runner}
     * @return for the one that closes the runner in time
     */
    static AbandonedRunnerCleaner watch(Object runner, Runnable cleanUp) {
        return watch(runner, cleanUp, run -> OwnThreads.daemon("brigade-cleaner", run));
    }

    /** As {@link #watch(Object, Runnable)}, on a thread of that factory should none be there. */
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

    /** The runner has been closed. */
    void forget() {
        synchronized (AbandonedRunnerCleaner.class) {
            if (WATCHED.remove(this)) {
                boolean ignored = enqueue(); // the thread looks whether there is anything left to watch
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

    /** What it throws must not end the thread; nor what the logging throws, where the application's classes are gone. */
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

    /** Whether there is something left to watch. */
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
