package dev.brigade.spi;

/**
 * One input, ready to start.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface PreparedTask<R> {

    /**
     * Starts an attempt; there may be several, one after the other. Does not block, unless the backend is inline.
     *
     * @param attempt the engine's side
     * @return the backend's side
     */
    AttemptHandle start(Attempt<R> attempt);

    /**
     * Runs an attempt on the calling thread, which {@code start} brought an earlier one of the session to: answers with {@code
     * run} before it returns. Called only where the session {@link Session#takesTurns takes turns}.
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
