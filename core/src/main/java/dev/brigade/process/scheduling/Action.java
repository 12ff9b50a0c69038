package dev.brigade.process.scheduling;

/** An action that a decision has asked for, to be done outside the lock. */
abstract class Action {
    /** True once a thread has begun the action. Used only by the thread that runs the queue's actions. */
    boolean entered;

    /** Does the action. */
    abstract void run();

    /** Handles an action that a thread has begun and was thrown out of, at the end of its stack. */
    void recover() {
        run();
    }

    /** Returns true if the engine goes on from here, perhaps far. A user's thread must not do this, as it may be deep in its stack. */
    boolean endsAttempt() {
        return false;
    }
}
