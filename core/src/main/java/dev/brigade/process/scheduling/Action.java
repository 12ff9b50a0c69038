package dev.brigade.process.scheduling;

/** A thing to be done after a decision, outside the lock. */
abstract class Action {
    /** Does it. */
    abstract void run();

    /** Returns true if the engine goes on from here, perhaps far: that is not to happen on a thread of the user's, deep in its stack. */
    boolean endsAttempt() {
        return false;
    }
}
