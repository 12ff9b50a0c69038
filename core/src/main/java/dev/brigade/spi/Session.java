package dev.brigade.spi;

/**
 * One batch in a backend: prepares its inputs for their start.
 *
 * <p>What {@link #prepare} throws fails that input alone; what {@link PreparedTask#start} throws, that attempt. The other methods should not
 * throw: the engine loses no task by it, but whichever thread starts tasks of the runner just then is thrown what they throw.
 *
 * @param <I> the type of the inputs
 * @param <R> the type of the results
 */
@FunctionalInterface
public interface Session<I, R> extends AutoCloseable {

    /**
     * Returns the number of starts that this session takes now. The engine asks a session that returned 0 again after an attempt of this
     * backend has ended or been given back.
     *
     * @return 0 or more; when the backend does not {@link ExecutionBackend#queuesAhead queue ahead}, the engine's own count holds as well
     */
    default int room() {
        return Integer.MAX_VALUE;
    }

    /**
     * Prepares an input, on the thread that pulled it. If the input must be encoded, it is encoded now, once for all attempts.
     *
     * @param input the input, perhaps null
     * @return the task, ready to start
     * @throws Exception when the input cannot be transported; that input alone fails with it, and with an {@link Error} as well
     */
    PreparedTask<R> prepare(I input) throws Exception;

    /**
     * Returns true if a thread that has run one body of this session may run the next ones too, each by {@link PreparedTask#run} and
     * without a start. The engine asks once.
     *
     * @return true if bodies run on threads of this JVM that are not made for one body each
     */
    default boolean takesTurns() {
        return false;
    }

    /** Ends a burst of starts: sends the tasks that the backend has gathered. */
    default void flush() {}

    /** Ends the batch in the backend: the engine prepares and starts nothing more, and nothing runs any more. */
    @Override
    default void close() {}
}
