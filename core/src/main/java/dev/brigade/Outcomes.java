package dev.brigade;

import java.util.Iterator;
import java.util.stream.Stream;

/**
 * The outcomes of one call, handed out while the work goes on: one for each input pulled.
 *
 * <p>Nothing happens until the first {@link Iterator#hasNext()}: from then on that thread, the consumer, pulls inputs as far
 * ahead as the window allows, starts them, and waits for outcomes. There is one iterator and one pass. Leave the loop early
 * with try-with-resources, so that what still runs is cancelled:
 *
 * <pre>{@code
 * try (Outcomes<Integer, Integer> outcomes = runner.mapOutcomes(endless, Lesson::work)) {
 *     for (Outcome<Integer, Integer> outcome : outcomes) {
 *         if (outcome.isSuccess() && outcome.value() > limit) {
 *             break;
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p><b>Thread safety</b>: one consumer thread; {@link #cancel()}, {@link #close()} and {@link #progress()} may be called from
 * any thread.
 *
 * <p><b>Failure</b>: a failed task is an outcome, not an exception. An input iterator that throws reaches the consumer and
 * cancels what runs.
 *
 * <p><b>Interruption and cancellation</b>: when the consumer is interrupted, the call's time-out expires or the runner is
 * closed, the rest is cancelled and {@code hasNext} and {@code next} throw a
 * {@link java.util.concurrent.CancellationException} whose cause says which ({@link InterruptedException}, with the interrupt
 * flag kept set; {@link java.util.concurrent.TimeoutException};
 * {@link java.util.concurrent.RejectedExecutionException}). An iteration ends normally only when the input is exhausted or
 * {@link #cancel()} or {@link #close()} was called.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
public interface Outcomes<I, R> extends Iterable<Outcome<I, R>>, AutoCloseable {

    /**
     * The one iterator.
     *
     * @throws IllegalStateException when {@code iterator} or {@code stream} was called before
     */
    @Override
    Iterator<Outcome<I, R>> iterator();

    /**
     * The outcomes as a sequential stream over the one iterator; it does not split, and closing it closes this.
     *
     * @return the stream
     * @throws IllegalStateException when {@code iterator} or {@code stream} was called before
     */
    Stream<Outcome<I, R>> stream();

    /**
     * How far the call has come.
     *
     * @return the latest snapshot
     */
    Progress progress();

    /**
     * Cancels what is not done: nothing more is pulled, what was pulled comes as {@code CANCELLED}, running bodies are
     * interrupted. Does not wait. Does nothing when all is done.
     */
    void cancel();

    /** Cancels as {@link #cancel()} does, and drops the outcomes not yet handed out. Idempotent; does not wait. */
    @Override
    void close();
}
