package dev.brigade.engine.batch;

/** The caller's use of a batch's outcomes; it decides which work the engine can leave out. */
public enum ResultDemand {
    /** The caller sees each outcome as soon as it is there, with its times. */
    OUTCOMES,
    /** The caller sees each outcome as soon as it is there, but not its times. */
    ANY,
    /** The caller waits for all values, or for the first failure: it sees neither times nor the successes so far. */
    ALL
}
