package dev.brigade;

import java.util.OptionalLong;

/**
 * How far a call has come: a snapshot.
 *
 * <p>The figures of later snapshots of one call are never smaller, and the last equals the outcomes handed out.
 *
 * @param pulled inputs taken from the caller's iterator
 * @param succeeded outcomes with a value
 * @param failed outcomes with a failure
 * @param timedOut outcomes that hit their deadline
 * @param cancelled outcomes that were cancelled
 * @param total how many inputs there are, where the caller's inputs are a {@link java.util.Collection}: what its {@code size}
 *     said at the call, and never less than {@code pulled}, should it grow meanwhile; else empty
 */
public record Progress(long pulled, long succeeded, long failed, long timedOut, long cancelled, OptionalLong total) {

    /**
     * How many outcomes there are, of every state.
     *
     * @return the sum of the four
     */
    public long done() {
        return succeeded + failed + timedOut + cancelled;
    }
}
