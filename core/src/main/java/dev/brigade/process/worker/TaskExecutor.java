package dev.brigade.process.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.brigade.AsyncFunction;
import dev.brigade.Stages;
import dev.brigade.TaskFunction;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.FrameChannel;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.process.protocol.WorkerBootstrap;
import dev.brigade.process.protocol.WorkerExitCode;
import dev.brigade.spi.TaskBodies;
import dev.brigade.threads.Callbacks;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Runs the bodies of a worker, one after the other, on one thread.
 *
 * <p>Design note: only this thread runs the user's code (decoding, body, encoding). Each result is in the socket or the ring before the
 * next body begins, so the parent always knows the body that ended the JVM. Changes that a body makes to its thread or to the standard
 * streams are undone before the next body.
 */
final class TaskExecutor implements Runnable {
    /** A step that runs before any body. */
    interface Initializer {
        void run() throws Exception;
    }

    private final WorkerBootstrap setup;
    private final FrameChannel channel;
    private final ResultSender replies;
    private final TaskInbox inbox;
    private final Codec codec;
    private final ProgressFile progress;
    private final ThreadOrigin origin;
    private final TaskPrintStream printOut;
    private final TaskPrintStream printErr;
    private final InputStream emptyIn = InputStream.nullInputStream();
    private final @Nullable LiveHeapLimit liveHeap;
    private final Thread thread = new Thread(this, "brigade-worker-body");
    private final @Nullable Object securityManager = securityManager();

    // The fields below belong to the body's thread; the initializer is handed over under the lock of this.
    private @Nullable Initializer initializer;
    private boolean retiring;

    TaskExecutor(WorkerBootstrap setup, ResultSender replies, TaskInbox inbox, Codec codec, ProgressFile progress) {
        this.setup = setup;
        liveHeap = setup.maxLiveHeapBytes() > 0
                ? new LiveHeapLimit(setup.maxLiveHeapBytes(), setup.collectsAtOnce())
                : null;
        this.replies = replies;
        channel = replies.channel();
        this.inbox = inbox;
        this.codec = codec;
        this.progress = progress;
        origin = new ThreadOrigin(inbox);
        printOut = new TaskPrintStream(new TaskOutputStream(1, channel, origin));
        printErr = new TaskPrintStream(new TaskOutputStream(2, channel, origin));
    }

    /** A print stream that no task can close, because later tasks print too. */
    private static final class TaskPrintStream extends PrintStream {
        private final TaskOutputStream to;

        TaskPrintStream(TaskOutputStream to) {
            super(to, false, UTF_8);
            this.to = to;
        }

        /**
         * Ends the output as {@link TaskOutputStream#end}. An overflow of the stack may leave text inside this stream; it must not begin
         * the next body's line.
         */
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

    /** Replaces the standard streams: the parent is sent the output of tasks, and stdin is empty. */
    void takeOverStreams() {
        System.setOut(printOut);
        System.setErr(printErr);
        System.setIn(emptyIn);
    }

    /** Hands over the initializer that {@link WorkerBootstrap#initialize} has announced. */
    synchronized void initialize(Initializer given) {
        initializer = given;
        notifyAll();
    }

    /** Sends output without an end of line, because the JVM ends. Any thread. */
    void endLastLines() {
        printOut.to.endLast();
        printErr.to.endLast();
    }

    @Override
    @SuppressWarnings("CatchAndPrintStackTrace") // a worker's stderr is its log: the parent reads it
    public void run() {
        try {
            origin.markBodyThread();
            if (setup.initialize()) {
                runInitializer();
            }
            while (!retiring) {
                QueuedTask task = inbox.take();
                if (task == null) {
                    return;
                }
                runTask(task);
                retireIfFull();
            }
        } catch (Throwable e) {
            // Thrown between bodies. Without this thread the worker would take tasks for ever and run none.
            e.printStackTrace();
            Runtime.getRuntime()
                    .halt(e instanceof OutOfMemoryError ? WorkerExitCode.OUT_OF_MEMORY : WorkerExitCode.PROTOCOL);
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
            channel.awaitWritten(channel.send(Frame.of(Frame.RETIRING, 0, Frame.RETIRING_ERROR)));
            Runtime.getRuntime().halt(WorkerExitCode.NOT_READY);
        }
        printOut.end(false);
        printErr.end(false);
        restore();
        channel.send(Frame.of(Frame.READY, setup.worker()));
    }

    private synchronized Initializer awaitInitializer() throws InterruptedException {
        while (initializer == null) {
            wait();
        }
        return initializer;
    }

    private void runTask(QueuedTask task) {
        progress.begins(task.id(), task.batch().undecoded());
        long beganNanos = System.nanoTime();
        Payload reply = null;
        boolean overflowed = false;
        try {
            reply = checkSize(codec.encodeResult(callBody(task)));
        } catch (Throwable e) {
            if (task.batch().undecoded() != ProgressFile.NONE) {
                progress.failedToDecode();
            }
            overflowed = e instanceof StackOverflowError;
            retiring = e instanceof VirtualMachineError && !overflowed;
            reply = encodeFailure(e);
        } finally {
            task.context().end();
            if (reply == null) {
                // The failure could not even be encoded: memory has ended. The parent learns that from the exit code.
                Runtime.getRuntime().halt(WorkerExitCode.OUT_OF_MEMORY);
            }
        }
        // The task is still the current one here, and these lines are its own.
        boolean printed = printOut.end(overflowed);
        printed |= printErr.end(overflowed);
        inbox.finish();
        restore();
        replies.send(task.id(), reply, System.nanoTime() - beganNanos, printed);
    }

    private @Nullable Object callBody(QueuedTask task) throws Exception {
        task.context().begin(task.batch().taskTimeoutNanos, task.batch().context(codec));
        return task.context().call(body(task));
    }

    private Callable<@Nullable Object> body(QueuedTask task) {
        return () -> {
            TaskFunction<@Nullable Object, @Nullable Object> function =
                    task.batch().function(codec, progress);
            return apply(function, codec.decode(task.input()));
        };
    }

    @SuppressWarnings("NullAway") // the caller's types say whether inputs may be null
    private static @Nullable Object apply(
            TaskFunction<@Nullable Object, @Nullable Object> function, @Nullable Object input) throws Exception {
        return function instanceof AsyncFunction<@Nullable Object, @Nullable Object> async
                ? Stages.await(async.start(input))
                : TaskBodies.requirePlain(function.apply(input));
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

    /** Returns the security manager; null if there is none, as always on JDKs that no longer support one. */
    @SuppressWarnings("removal") // the point: a task may have set one
    private static @Nullable Object securityManager() {
        return System.getSecurityManager();
    }

    @SuppressWarnings("ReferenceEquality") // identity counts, even between equal managers
    private boolean isForbidden() {
        return securityManager() != securityManager;
    }

    private void retireIfFull() {
        // A security manager left by a task may forbid later tasks anything, and cannot be removed against its will.
        retiring |= isForbidden();
        boolean full = !retiring && liveHeap != null && liveHeap.isOver();
        if (retiring || full) {
            retiring = true;
            channel.append(Frame.of(Frame.RETIRING, 0, full ? Frame.RETIRING_HEAP : Frame.RETIRING_ERROR));
            inbox.retire();
            channel.flush();
        }
    }
}
