package dev.brigade.process.scheduling;

/** A thing to be done after a decision, outside the lock. */
abstract class Action {
    /** A thread has begun it; for the one that runs the queue's actions. */
    boolean entered;

    /** Does it. */
    abstract void run();

    /** Sees to an action that a thread has begun and was thrown out of, at the end of its stack. */
    void recover() {
        run();
    }

    /** Returns true if the engine goes on from here, perhaps far: that is not to happen on a thread of the user's, deep in its stack. */
    boolean endsAttempt() {
        return false;
    }
}
