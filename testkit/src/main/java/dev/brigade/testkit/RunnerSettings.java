package dev.brigade.testkit;

import java.time.Duration;

/**
 * What a test asks of the runner that it is given.
 *
 * @param closeTimeout how long {@code close} waits for what was pulled before it cancels
 * @param grace how long a body may ignore its cancellation before it is ended by force; for runners that do so
 * @param strict whether what cannot be serialized must fail as it would on a runner that transports; those that transport do so
 *     anyway
 */
public record RunnerSettings(Duration closeTimeout, Duration grace, boolean strict) {

    /**
     * The same, with another close time-out.
     *
     * @param time the time-out
     * @return the settings
     */
    public RunnerSettings withCloseTimeout(Duration time) {
        return new RunnerSettings(time, grace, strict);
    }

    /**
     * The same, with another grace.
     *
     * @param time the grace
     * @return the settings
     */
    public RunnerSettings withGrace(Duration time) {
        return new RunnerSettings(closeTimeout, time, strict);
    }

    /**
     * The same, strict.
     *
     * @return the settings
     */
    public RunnerSettings withStrict() {
        return new RunnerSettings(closeTimeout, grace, true);
    }
}
