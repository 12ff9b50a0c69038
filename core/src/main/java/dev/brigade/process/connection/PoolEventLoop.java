package dev.brigade.process.connection;

import dev.brigade.process.os.BestEffort;
import dev.brigade.threads.OwnThreads;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a pool that reads its connections and acts on its deadlines.
 *
 * <p>Design note: nothing here blocks but the selector, and no user code runs here, except a callback for which the machine has no other
 * thread left (ADR 0015). A key's attachment is the {@link Runnable}
 * that handles its readiness. {@code posted} brings work from other threads; {@code stopped} goes one way.
 */
public final class PoolEventLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolEventLoop.class);

    private static final long AFTER_DEFECT_MILLIS = 100;

    /** The work of the loop between two waits. */
    public interface Handler {
        /** Does what is due; returns after how many nanoseconds something may be due again. */
        long tick();

        /** Called before each wait; false when there must be none, because something has come. */
        boolean mayWait();

        /** Called after each wait. */
        void waited();
    }

    private final Selector selector;
    private final Thread thread;
    private final Handler handler;
    private final Consumer<Throwable> whenBroken;
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    /** Nothing that is posted is done any more. One way: false to true. */
    private volatile boolean ended;

    /**
     * Makes one; {@link #start} starts it.
     *
     * @param whenBroken is told when the loop cannot go on
     */
    public PoolEventLoop(String threadName, Handler handler, Consumer<Throwable> whenBroken) throws IOException {
        selector = Selector.open();
        this.handler = handler;
        this.whenBroken = whenBroken;
        thread = OwnThreads.daemon(threadName, this);
    }

    /** Starts the thread; when the machine has none left, nothing of the loop remains. */
    public void start() {
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            closeSelector();
            throw e;
        }
    }

    public Selector selector() {
        return selector;
    }

    /** Has it done on the loop's thread, soon; false when the loop has ended, and nothing is done. */
    public boolean execute(Runnable action) {
        if (ended) {
            return false;
        }
        posted.add(action);
        selector.wakeup();
        return !ended || !posted.remove(action);
    }

    /** Returns true if the calling thread is the loop's. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Looks at the clock anew. */
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                turn();
            }
        } catch (Throwable e) {
            whenBroken.accept(e); // first: where memory has ended, nothing can be logged
            LOG.error("{} cannot wait for its workers any more", thread.getName(), e);
        } finally {
            ended = true;
            runPosted();
            closeSelector();
        }
    }

    private void turn() throws IOException {
        runPosted();
        try {
            await(handler.tick());
        } catch (RuntimeException | Error e) {
            LOG.error("a defect in the pool's clock", e);
            selector.select(PoolEventLoop::handle, AFTER_DEFECT_MILLIS);
        }
    }

    private void runPosted() {
        for (Runnable action = posted.poll(); action != null; action = posted.poll()) {
            runSafely(action);
        }
    }

    private void await(long nanos) throws IOException {
        long millis = (nanos + TimeUnit.MILLISECONDS.toNanos(1) - 1) / TimeUnit.MILLISECONDS.toNanos(1);
        if (millis <= 0 || !handler.mayWait()) {
            selector.selectNow(PoolEventLoop::handle);
        } else {
            selector.select(PoolEventLoop::handle, millis);
        }
        handler.waited();
    }

    private static void handle(SelectionKey key) {
        if (key.attachment() instanceof Runnable ready) {
            runSafely(ready);
        }
    }

    private static void runSafely(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a defect in the pool's channel", e);
        }
    }

    /** Ends the thread, which closes the selector, and waits for that. */
    public void stop(long withinNanos) throws InterruptedException {
        stopped = true;
        selector.wakeup();
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, withinNanos));
    }

    /** Closes the selector and its channels: those of abandoned workers and of unknown connections have no other owner. */
    private void closeSelector() {
        for (SelectionKey key : selector.keys()) {
            BestEffort.attempt("closing a channel", key.channel()::close);
        }
        BestEffort.attempt("closing a selector", selector::close);
    }
}
