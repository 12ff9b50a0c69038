package dev.brigade.timeline;

import java.math.BigInteger;
import java.util.Locale;

/** Times as text, and a length cut into slices. */
final class Scale {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_MICRO = 1e3;

    private Scale() {}

    /** Returns the end of a slice. The multiplication is exact for any length and any number of slices. */
    static long boundaryNanos(int slice, int slices, long lengthNanos) {
        return BigInteger.valueOf(lengthNanos)
                .multiply(BigInteger.valueOf(slice))
                .divide(BigInteger.valueOf(slices))
                .longValueExact();
    }

    /** In seconds from a tenth of one on; in ms, us or ns below. */
    static String text(long nanos) {
        if (nanos >= 10 * NANOS_PER_SECOND) {
            return format("%.1f s", nanos / NANOS_PER_SECOND);
        }
        if (nanos >= NANOS_PER_SECOND / 10) {
            return format("%.2f s", nanos / NANOS_PER_SECOND);
        }
        if (nanos >= NANOS_PER_MILLI) {
            return format("%.1f ms", nanos / NANOS_PER_MILLI);
        }
        return nanos >= NANOS_PER_MICRO ? format("%.1f us", nanos / NANOS_PER_MICRO) : nanos + " ns";
    }

    /** Returns the distance of the marks under a scale: the smallest 1, 2 or 5 times a power of ten that gives at most that many marks. */
    static long stepNanos(long lengthNanos, int mostSteps) {
        long step = 1;
        while (lengthNanos / step > mostSteps) {
            long leading = step;
            while (leading >= 10) {
                leading /= 10;
            }
            step = leading == 2 ? step / 2 * 5 : step * 2;
        }
        return step;
    }

    /** A time under a scale whose marks are that far apart: no more digits than tell them apart. */
    static String tick(long nanos, long stepNanos) {
        if (stepNanos >= NANOS_PER_SECOND) {
            return format("%.0f s", nanos / NANOS_PER_SECOND);
        }
        if (stepNanos >= NANOS_PER_SECOND / 10) {
            return format("%.1f s", nanos / NANOS_PER_SECOND);
        }
        if (stepNanos >= NANOS_PER_MILLI) {
            return format("%.0f ms", nanos / NANOS_PER_MILLI);
        }
        return stepNanos >= NANOS_PER_MICRO ? format("%.0f us", nanos / NANOS_PER_MICRO) : nanos + " ns";
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
