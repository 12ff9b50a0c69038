package dev.brigade;

import java.util.Iterator;
import java.util.stream.Stream;

/**
 * The outcomes of one batch, delivered while the work goes on: one for each input pulled.
 *
 * <p>Nothing happens until the first {@link Iterator#hasNext()}. From then on the calling thread, the consumer, pulls inputs as far
 * ahead as the window allows, starts their tasks, and waits for outcomes. There is one iterator and one pass. A loop that may end
 * early needs try-with-resources, which cancels the tasks that still run:
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
 * <p><b>Failure</b>: a failed task is an outcome, not an exception. If the input iterator throws, the consumer gets its exception and
 * the running tasks are cancelled.
 *
 * <p><b>Interruption and cancellation</b>: when the consumer is interrupted, the batch's time-out expires or the runner is
 * closed, the rest is cancelled. {@code hasNext} and {@code next} then throw a
 * {@link java.util.concurrent.CancellationException}. Its cause is, in that order, an {@link InterruptedException}, with the interrupt
 * flag kept set, a {@link java.util.concurrent.TimeoutException} or a {@link java.util.concurrent.RejectedExecutionException}. An
 * iteration ends normally only when the input is exhausted or {@link #cancel()} or {@link #close()} was called.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
public interface Outcomes<I, R> extends Iterable<Outcome<I, R>>, AutoCloseable {

    /**
     * Returns the only iterator.
     *
     * @throws IllegalStateException when {@code iterator} or {@code stream} was called before
     */
    @Override
    Iterator<Outcome<I, R>> iterator();

    /**
     * Returns a sequential stream over the only iterator. It does not split; closing it closes these outcomes.
     *
     * @return the stream
     * @throws IllegalStateException when {@code iterator} or {@code stream} was called before
     */
    Stream<Outcome<I, R>> stream();

    /**
     * Returns the progress of the batch.
     *
     * @return the latest snapshot
     */
    Progress progress();

    /**
     * Cancels the tasks that are not done: they are delivered as {@code CANCELLED}, and running bodies are interrupted. No more inputs
     * are pulled. Does not wait. Has no effect when all tasks are done.
     */
    void cancel();

    /** Cancels as {@link #cancel()} does, and drops the outcomes not yet delivered. Idempotent; does not wait. */
    @Override
    void close();
}
