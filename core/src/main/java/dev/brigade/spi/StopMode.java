package dev.brigade.spi;

/** Why an attempt is stopped, and so how hard. */
public enum StopMode {
    /** Nobody waits for it: tell the body, do not disturb it. */
    CANCEL,
    /** Nobody waits for it: interrupt the body; where bodies can be ended by force, end it after the grace. */
    INTERRUPT,
    /** Its deadline has passed: as {@code INTERRUPT}. */
    TIMEOUT
}
