package dev.brigade.spi;

/** The reason for which an attempt is stopped, which decides how hard it is stopped. */
public enum StopMode {
    /** The outcome is no longer wanted: the body is told, and not interrupted. */
    CANCEL,
    /** The outcome is no longer wanted: the body is interrupted and, if bodies can be ended by force, ended after the grace. */
    INTERRUPT,
    /** The deadline has passed: as {@code INTERRUPT}. */
    TIMEOUT
}
