package dev.brigade.engine;

import dev.brigade.Capability;
import dev.brigade.TaskFunction;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A way of running: the one interface that a new kind of runner implements. The engine does all the rest: window, order,
 * failure, time-outs, retries, progress, context.
 *
 * <p>The engine opens one {@link Lane} for each call, has each input {@link Lane#prepare prepared} on the thread that pulls it,
 * and starts prepared inputs while {@link Lane#room} is left. Each start is one {@link Attempt}, which the strategy must answer
 * exactly once: with {@code run}, {@code runAsync} or {@code runAndWait} where the body runs in this JVM; with {@code started}
 * and then {@code ended} where it runs elsewhere; or with {@code returned} where it will not run, whatever was said before.
 *
 * <p>A body that runs on a thread of this JVM needs no more than this:
 *
 * <pre>{@code
 * public <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec) {
 *     return input -> attempt -> {
 *         executor.execute(() -> Bodies.runBlocking(attempt, Thread.currentThread().getName(), function, input));
 *         return Running.UNSTOPPABLE;
 *     };
 * }
 * }</pre>
 *
 * <p><b>Thread safety</b>: all methods may be called from any thread; {@code room}, {@code start} and {@code flush} from one
 * thread at a time for one runner.
 */
public interface Strategy {

    /**
     * What this way of running can do.
     *
     * @return an unmodifiable set, always the same
     */
    Set<Capability> capabilities();

    /**
     * How many bodies run at once, at most. Read again each time, because clusters grow.
     *
     * @return at least 1
     */
    int limit();

    /**
     * Whether {@code start} runs the body before it returns, on the thread that calls it. The engine then starts tasks only on
     * threads that wait for them: the consumer of a batch, the submitter of a task.
     *
     * @return true for inline strategies
     */
    default boolean inline() {
        return false;
    }

    /**
     * Whether lanes take more starts than they run, to hide the cost of transport. When false, the engine counts: it never has
     * more attempts under way than {@link #limit} and {@link CallSpec#limit} allow. When true, it asks {@link Lane#room} alone,
     * and keeping both limits is the strategy's part.
     *
     * @return true for strategies that queue ahead
     */
    default boolean queuesAhead() {
        return false;
    }

    /**
     * Whether a started body may have to wait for a thread that another body of this runner holds, as on a user's executor that
     * has fewer threads than the limit. A body that waits for such a task then runs it itself.
     *
     * @return true when there may be fewer threads than the limit
     */
    default boolean mayQueue() {
        return false;
    }

    /**
     * Looks once at all that was started: which of it has not begun and never will, though nobody has said so, since what it was
     * handed to has dropped it. Called about once a second, by one thread at a time, where bodies {@link #mayQueue may queue}.
     *
     * @return says of an attempt whether it is to fail; for this look only
     */
    default Predicate<Running> dropped() {
        return started -> false;
    }

    /**
     * Refuses to let the calling thread wait for a task of this strategy, where that would be a wait for itself.
     *
     * @throws IllegalStateException when this thread must not wait: it is an event loop
     */
    default void checkMayWait() {}

    /**
     * Opens a lane for one call.
     *
     * @param function the function, an {@link dev.brigade.AsyncFunction} when its bodies are asynchronous
     * @param spec what is the same for all tasks of the call
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     * @return the lane
     * @throws IllegalArgumentException when the function cannot be transported: the message names the class and field
     */
    <I, R> Lane<I, R> open(TaskFunction<I, R> function, CallSpec spec);

    /**
     * Releases everything. The engine calls it after the last body ended or was given up; starts nothing more; may call it
     * again. What still runs has been interrupted, and is not to be once more: it may be cleaning up.
     *
     * @param atMost how long this may take
     * @return true when nothing is alive any more; false when a body, thread or process remains, and that has been logged
     * @throws InterruptedException when interrupted while waiting; the engine then calls this again with what is left of the time
     */
    boolean close(Duration atMost) throws InterruptedException;

    /**
     * The starts of one call.
     *
     * @param <I> the type of the inputs
     * @param <R> the type of the results
     */
    @FunctionalInterface
    interface Lane<I, R> extends AutoCloseable {

        /**
         * How many starts this lane takes now. A lane that returned 0 is asked again after a task of this strategy ended or was
         * returned.
         *
         * @return 0 or more; when the strategy does not {@link #queuesAhead queue ahead}, the engine's own count holds as well
         */
        default int room() {
            return Integer.MAX_VALUE;
        }

        /**
         * Gets an input ready, on the thread that pulled it: what must be encoded is encoded now, once for all attempts.
         *
         * @param input the input, perhaps null
         * @return what can be started
         * @throws Exception when the input cannot be transported; that input alone fails with it
         */
        Prepared<R> prepare(I input) throws Exception;

        /**
         * Whether a thread that has run one body of this lane may run the next ones too, each by {@link Prepared#run}, without
         * a start for each. Asked once.
         *
         * @return true where bodies run on threads of this JVM that are not made for one body each
         */
        default boolean takesTurns() {
            return false;
        }

        /** Ends a burst of starts: what was gathered is sent. */
        default void flush() {}

        /** The call is over: nothing more is prepared or started, and nothing runs any more. */
        @Override
        default void close() {}
    }

    /**
     * One input, ready to start.
     *
     * @param <R> the type of the result
     */
    @FunctionalInterface
    interface Prepared<R> {

        /**
         * Starts an attempt; there may be several, one after the other. Does not block, unless the strategy is inline.
         *
         * @param attempt the engine's side
         * @return the strategy's side
         */
        Running start(Attempt<R> attempt);

        /**
         * Runs an attempt on the calling thread, which {@code start} brought an earlier one of the lane to: answers with {@code
         * run} before it returns. Called only where the lane {@link Lane#takesTurns takes turns}.
         *
         * @param attempt the engine's side
         */
        default void run(Attempt<R> attempt) {
            throw new UnsupportedOperationException("this lane takes no turns");
        }

        /**
         * What this input keeps in memory besides the caller's own object.
         *
         * @return the encoded size in bytes; 0 where nothing is encoded
         */
        default long bytes() {
            return 0;
        }
    }

    /** An attempt under way. */
    @FunctionalInterface
    interface Running {
        /** For bodies that run in this JVM: the engine itself interrupts them. */
        Running UNSTOPPABLE = why -> {};

        /**
         * Asks for the attempt's end: {@code ended} follows, or {@code returned} when it had not begun. Idempotent; does not
         * block; does nothing when the attempt has ended.
         *
         * @param why how hard to ask
         */
        void stop(Stop why);
    }

    /** Why an attempt is stopped, and so how hard. */
    enum Stop {
        /** Nobody waits for it: tell the body, do not disturb it. */
        CANCEL,
        /** Nobody waits for it: interrupt the body; where bodies can be ended by force, end it after the grace. */
        INTERRUPT,
        /** Its deadline has passed: as {@code INTERRUPT}. */
        TIMEOUT
    }

    /**
     * The engine's side of one attempt.
     *
     * @param <R> the type of the result
     */
    interface Attempt<R> {

        /**
         * Runs a body on the calling thread: binds its context, times it, lets it be interrupted, and reports its end. Throws
         * nothing. Does not run the body when the attempt has been stopped already.
         *
         * @param worker the name of what runs it, for the outcome
         * @param body the body
         */
        void run(String worker, Callable<? extends R> body);

        /**
         * Starts an asynchronous body on the calling thread and returns; the end is reported when its stage completes.
         *
         * @param worker the name of what runs it, for the outcome
         * @param start starts the body
         */
        void runAsync(String worker, Callable<? extends CompletionStage<? extends R>> start);

        /**
         * Starts an asynchronous body on the calling thread and waits for its stage; an interrupt by the engine ends the wait,
         * but the end is reported when the stage completes.
         *
         * @param worker the name of what runs it, for the outcome
         * @param start starts the body
         */
        void runAndWait(String worker, Callable<? extends CompletionStage<? extends R>> start);

        /**
         * The place of the input in its call.
         *
         * @return from 0
         */
        long index();

        /**
         * Which attempt this is.
         *
         * @return 1 for the first
         */
        int number();

        /**
         * The time that the whole call has left.
         *
         * @return the time, perhaps negative; empty when there is no limit
         */
        Optional<Duration> callRemaining();

        /**
         * Says that the body has begun, elsewhere: the task's clock starts.
         *
         * @param worker the name of what runs it, for the outcome
         */
        void started(String worker);

        /**
         * Says that the body is gone, and how it ended. What the calling thread does next must not depend on user code: the
         * engine runs none on it.
         *
         * @param value the result; null when there is a failure
         * @param failure what it threw, or what happened to it; null when it returned
         */
        void ended(@Nullable R value, @Nullable Throwable failure);

        /**
         * Says that the body is gone and left a result that is still encoded.
         *
         * @param reply returns the result or throws the failure; called once at most, later, on a thread that may run user code
         * @param failed whether it holds a failure
         */
        void endedEncoded(Callable<? extends R> reply, boolean failed);

        /** Says that the body never began, whatever was {@link #started}, and never will: if it is wanted, it is started again. */
        void returned();
    }
}
