package dev.brigade.runner;

import dev.brigade.spi.ExecutionBackend;

/** The options of runners that need not transport their tasks. */
abstract class InProcessBuilder<B extends InProcessBuilder<B>> extends CommonBuilder<B> {
    private boolean strict;

    InProcessBuilder(String name) {
        super(name);
    }

    /**
     * Asks for the proof that every task could also run in another process. Functions, inputs and results that cannot be
     * serialized fail as they would there, although nothing is transported. For tests.
     *
     * @param on true for the proof; the default is false
     * @return this
     */
    public B strict(boolean on) {
        strict = on;
        return self();
    }

    final ExecutionBackend backend(ExecutionBackend plain) {
        return strict ? new TransportCheckingBackend(plain) : plain;
    }
}
