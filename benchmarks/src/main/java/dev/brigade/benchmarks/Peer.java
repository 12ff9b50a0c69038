package dev.brigade.benchmarks;

/** Something that runs work in other processes, opened. Used by one thread at a time. */
interface Peer {
    /**
     * Does it once and says what it found; the times are the user's.
     *
     * @throws UnsupportedOperationException when this is nothing for this peer
     */
    double[] measure(Operation op, long n) throws Exception;

    /** Ends it and its processes, as far as it can; may be interrupted. */
    void close() throws Exception;
}
