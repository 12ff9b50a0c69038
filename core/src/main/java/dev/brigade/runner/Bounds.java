package dev.brigade.runner;

import dev.brigade.RunOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Refuses options outside their bounds, naming value, bound and unit. */
final class Bounds {
    private Bounds() {}

    static void check(String option, long value, long least, long most, String unit) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    option + " must be between " + least + " and " + most + " (" + unit + "), was " + value);
        }
    }

    /** Checks an option that is null while it is not set. */
    static void checkUnlessUnset(String option, @Nullable Number value, long least, String unit) {
        if (value != null) {
            check(option, value.longValue(), least, Long.MAX_VALUE, unit);
        }
    }

    static void checkTime(String option, Duration value, boolean mayBeZero) {
        boolean tooShort = value.isNegative() || (value.isZero() && !mayBeZero);
        if (tooShort || value.compareTo(RunOptions.MAX_DURATION) > 0) {
            throw new IllegalArgumentException(option + " must be " + (mayBeZero ? "at least" : "more than")
                    + " 0 s and at most " + RunOptions.MAX_DURATION + ", was " + value);
        }
    }
}
