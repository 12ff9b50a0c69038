package dev.brigade.engine.batch;

/** What a caller makes of a batch's outcomes; from it follows what the engine need not do. */
public enum ResultDemand {
    /** Sees each as soon as it is there, with its times. */
    OUTCOMES,
    /** Sees each as soon as it is there, but no times. */
    ANY,
    /** Waits for all values, or for the first failure: sees neither times nor what has succeeded so far. */
    ALL
}
