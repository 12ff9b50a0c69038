package dev.brigade;

import java.util.OptionalLong;

/**
 * A snapshot of a batch's progress.
 *
 * <p>No figure is smaller in a later snapshot of the same batch. The last snapshot equals the outcomes delivered.
 *
 * @param pulled inputs taken from the caller's iterator
 * @param succeeded outcomes with a value
 * @param failed outcomes with a failure
 * @param timedOut outcomes that hit their deadline
 * @param cancelled outcomes that were cancelled
 * @param total the number of inputs; empty unless the caller's inputs are a {@link java.util.Collection}. It is the {@code size} at the
 *     call, or {@code pulled} if that is larger because the collection grew meanwhile
 */
public record Progress(long pulled, long succeeded, long failed, long timedOut, long cancelled, OptionalLong total) {

    /**
     * Returns the number of outcomes, of every state.
     *
     * @return the sum of the four
     */
    public long done() {
        return succeeded + failed + timedOut + cancelled;
    }
}
