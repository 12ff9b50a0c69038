package dev.brigade.benchmarks;

import java.util.Locale;

/** The unit of a figure, and its format. */
enum Unit {
    NANOS,
    BYTES,
    FACTOR;

    private static final String[] TIMES = {"ns", "µs", "ms", "s"};
    private static final String[] SIZES = {"B", "KiB", "MiB", "GiB"};

    /** Three significant digits, in the largest unit that leaves at least one before the point. */
    String show(double value) {
        return switch (this) {
            case NANOS -> scaled(value, 1000, TIMES);
            case BYTES -> scaled(value, 1024, SIZES);
            case FACTOR -> digits(value) + " ×";
        };
    }

    private static String scaled(double value, int step, String[] names) {
        int index = 0;
        double left = value;
        while (Math.abs(left) >= 0.9995 * step && index < names.length - 1) {
            left /= step;
            index++;
        }
        return digits(left) + " " + names[index];
    }

    static String digits(double value) {
        double size = Math.abs(value);
        int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
