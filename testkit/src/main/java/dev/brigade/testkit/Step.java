package dev.brigade.testkit;

import java.io.Serializable;

/**
 * The steps of one test body. It raises {@code started} and {@code started-<value>}, waits for a signal if one is given, raises
 * {@code ended-<value>}, and then fails or returns its value.
 *
 * @param value the value that it returns
 * @param until the signal it waits for; empty when it does not wait
 * @param stubborn true if it goes on waiting when it is cancelled; otherwise it raises {@code cancelled-<value>} and ends
 * @param fails true if it throws {@link IllegalStateException}, with the message {@code failed-<value>}
 */
record Step(int value, String until, boolean stubborn, boolean fails) implements Serializable {

    static Step of(int value) {
        return new Step(value, "", false, false);
    }

    static Step failing(int value) {
        return new Step(value, "", false, true);
    }

    Step until(String signal) {
        return new Step(value, signal, stubborn, fails);
    }

    Step stubbornly() {
        return new Step(value, until, true, fails);
    }
}
