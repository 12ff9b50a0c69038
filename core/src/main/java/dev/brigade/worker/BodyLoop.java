package dev.brigade.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.AsyncFunction;
import dev.brigade.Stages;
import dev.brigade.TaskFunction;
import dev.brigade.engine.Bodies;
import dev.brigade.engine.Callbacks;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Runs the bodies of a worker, one after the other, on one thread.
 *
 * <p>Design note: only this thread runs the user's code (decoding, body, encoding), and each result is out, in the socket or the
 * ring, before the next body begins: so the parent always knows which body it was that took the JVM down. What one body does to its thread or to
 * the standard streams is undone before the next.
 */
final class BodyLoop implements Runnable {
    /** A step before any body. */
    interface Initializer {
        void run() throws Exception;
    }

    private final WorkerSetup setup;
    private final Link link;
    private final Replies replies;
    private final Inbox inbox;
    private final Codec codec;
    private final Logbook logbook;
    private final Origin origin;
    private final TaskPrintStream printOut;
    private final TaskPrintStream printErr;
    private final InputStream emptyIn = InputStream.nullInputStream();
    private final @Nullable LiveHeap liveHeap;
    private final Thread thread = new Thread(this, "brigade-worker-body");
    private final @Nullable Object securityManager = securityManager();

    // The fields below belong to the body's thread; the initializer is handed over under the lock of this.
    private @Nullable Initializer initializer;
    private boolean retiring;

    BodyLoop(WorkerSetup setup, Replies replies, Inbox inbox, Codec codec, Logbook logbook) {
        this.setup = setup;
        liveHeap = setup.maxLiveHeapBytes() > 0 ? new LiveHeap(setup.maxLiveHeapBytes(), setup.collectsAtOnce()) : null;
        this.replies = replies;
        link = replies.link();
        this.inbox = inbox;
        this.codec = codec;
        this.logbook = logbook;
        origin = new Origin(inbox);
        printOut = new TaskPrintStream(new TaskOutput(1, link, origin));
        printErr = new TaskPrintStream(new TaskOutput(2, link, origin));
    }

    /** One that no task can close: the next one prints too. */
    private static final class TaskPrintStream extends PrintStream {
        private final TaskOutput to;

        TaskPrintStream(TaskOutput to) {
            super(to, false, UTF_8);
            this.to = to;
        }

        /** As {@link TaskOutput#end}; what an overflow of the stack has left inside the stream is not to begin the next body's line. */
        boolean end(boolean overflowed) {
            if (overflowed || to.hasRefused()) {
                print("");
            }
            return to.end();
        }

        @Override
        public void close() {
            flush();
        }
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Has what tasks print sent to the parent. */
    void takeOverStreams() {
        System.setOut(printOut);
        System.setErr(printErr);
        System.setIn(emptyIn);
    }

    /** Hands over the initializer, which {@link WorkerSetup#initialize} had announced. */
    synchronized void initialize(Initializer given) {
        initializer = given;
        notifyAll();
    }

    /** The JVM ends: sends what was printed without an end of line. Any thread. */
    void endLastLines() {
        printOut.to.endLast();
        printErr.to.endLast();
    }

    @Override
    @SuppressWarnings("CatchAndPrintStackTrace") // a worker's stderr is its log: the parent reads it
    public void run() {
        try {
            origin.isBody();
            if (setup.initialize()) {
                runInitializer();
            }
            while (!retiring) {
                Assignment item = inbox.take();
                if (item == null) {
                    return;
                }
                runItem(item);
                retireIfFull();
            }
        } catch (Throwable e) {
            // Between bodies; without this thread the worker would take items for ever and run none.
            e.printStackTrace();
            Runtime.getRuntime().halt(e instanceof OutOfMemoryError ? ExitCode.OUT_OF_MEMORY : ExitCode.PROTOCOL);
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // a worker's stderr is its log: the parent reads it
    private void runInitializer() {
        try {
            awaitInitializer().run();
        } catch (Throwable e) {
            takeOverStreams();
            System.err.println("the initializer failed:");
            Callbacks.tell(Throwable::printStackTrace, e);
            link.awaitWritten(link.send(Frame.of(Frame.RETIRING, 0, Frame.RETIRING_ERROR)));
            Runtime.getRuntime().halt(ExitCode.NOT_READY);
        }
        printOut.end(false);
        printErr.end(false);
        restore();
        link.send(Frame.of(Frame.READY, setup.worker()));
    }

    private synchronized Initializer awaitInitializer() throws InterruptedException {
        while (initializer == null) {
            wait();
        }
        return initializer;
    }

    private void runItem(Assignment item) {
        logbook.begins(item.id(), item.call().undecoded());
        long beganNanos = System.nanoTime();
        Payload reply = null;
        boolean overflowed = false;
        try {
            reply = checkSize(codec.encodeResult(callBody(item)));
        } catch (Throwable e) {
            if (item.call().undecoded() != Logbook.NONE) {
                logbook.failedToDecode();
            }
            overflowed = e instanceof StackOverflowError;
            retiring = e instanceof VirtualMachineError && !overflowed;
            reply = encodeFailure(e);
        } finally {
            item.context().end();
            if (reply == null) {
                // Even describing the failure failed, which is the end of memory: the parent learns it from the exit.
                Runtime.getRuntime().halt(ExitCode.OUT_OF_MEMORY);
            }
        }
        // While the item is still the current one: these lines are its own.
        boolean printed = printOut.end(overflowed);
        printed |= printErr.end(overflowed);
        inbox.finish();
        restore();
        replies.send(item.id(), reply, System.nanoTime() - beganNanos, printed);
    }

    private @Nullable Object callBody(Assignment item) throws Exception {
        item.context().begin(item.call().taskTimeoutNanos, item.call().context(codec));
        return item.context().call(body(item));
    }

    private Callable<@Nullable Object> body(Assignment item) {
        return () -> {
            TaskFunction<@Nullable Object, @Nullable Object> function =
                    item.call().function(codec, logbook);
            return apply(function, codec.decode(item.input()));
        };
    }

    @SuppressWarnings("NullAway") // the caller's types say whether inputs may be null
    private static @Nullable Object apply(
            TaskFunction<@Nullable Object, @Nullable Object> function, @Nullable Object input) throws Exception {
        return function instanceof AsyncFunction<@Nullable Object, @Nullable Object> async
                ? Stages.await(async.start(input))
                : Bodies.requirePlain(function.apply(input));
    }

    private Payload encodeFailure(Throwable failure) {
        Payload encoded = codec.encodeFailure(failure);
        if (encoded.size() <= setup.maxPayloadBytes()) {
            return encoded;
        }
        return codec.encodeFailure(
                new IllegalStateException(failure.getClass().getName() + ", encoded in " + encoded.size()
                        + " bytes, over the limit of " + setup.maxPayloadBytes() + " bytes (maxPayloadBytes)"));
    }

    private Payload checkSize(Payload result) {
        if (result.size() > setup.maxPayloadBytes()) {
            throw new IllegalStateException("the result takes " + result.size() + " bytes, over the limit of "
                    + setup.maxPayloadBytes() + " bytes (maxPayloadBytes)");
        }
        return result;
    }

    private void restore() {
        if (System.out != printOut || System.err != printErr || System.in != emptyIn) {
            takeOverStreams();
        }
        if (thread.getContextClassLoader() != ClassLoader.getSystemClassLoader()) {
            thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        }
    }

    /** Null where the JDK has none any more. */
    @SuppressWarnings("removal") // the point: a task may have set one
    private static @Nullable Object securityManager() {
        return System.getSecurityManager();
    }

    @SuppressWarnings("ReferenceEquality") // another one is another one
    private boolean isForbidden() {
        return securityManager() != securityManager;
    }

    private void retireIfFull() {
        // One that a task left may forbid whatever the next one does, and cannot be taken off against its will.
        retiring |= isForbidden();
        boolean full = !retiring && liveHeap != null && liveHeap.isOver();
        if (retiring || full) {
            retiring = true;
            link.append(Frame.of(Frame.RETIRING, 0, full ? Frame.RETIRING_HEAP : Frame.RETIRING_ERROR));
            inbox.retire();
            link.flush();
        }
    }
}
