package dev.brigade.testkit;

import java.time.Duration;

/**
 * The settings that a test requires of its runner.
 *
 * @param closeTimeout the time that {@code close} waits for pulled tasks before it cancels them
 * @param grace the time that a body may ignore its cancellation before it is ended by force; for runners that do so
 * @param strict true if objects that cannot be serialized must fail as on a runner that transports; runners that transport do so
 *     anyway
 */
public record RunnerSettings(Duration closeTimeout, Duration grace, boolean strict) {

    /**
     * Returns these settings with another close time-out.
     *
     * @param time the time-out
     * @return the settings
     */
    public RunnerSettings withCloseTimeout(Duration time) {
        return new RunnerSettings(time, grace, strict);
    }

    /**
     * Returns these settings with another grace.
     *
     * @param time the grace
     * @return the settings
     */
    public RunnerSettings withGrace(Duration time) {
        return new RunnerSettings(closeTimeout, time, strict);
    }

    /**
     * Returns these settings, strict.
     *
     * @return the settings
     */
    public RunnerSettings withStrict() {
        return new RunnerSettings(closeTimeout, grace, true);
    }
}
