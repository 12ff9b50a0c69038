package dev.brigade.examples;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of something from the command line: a whole number from 1 to a bound. {@code 1_000_000} is a million. */
class Count implements ITypeConverter<Integer> {
    private final int max;

    Count() {
        this(2_000_000_000);
    }

    private Count(int max) {
        this.max = max;
    }

    @Override
    public Integer convert(String text) {
        try {
            int count = Integer.parseInt(text.replace("_", ""));
            if (count >= 1 && count <= max) {
                return count;
            }
        } catch (NumberFormatException notANumber) {
            // refused below, like a number outside the bounds
        }
        throw new TypeConversionException("must be a whole number from 1 to " + max + ", was '" + text + "'");
    }

    /** How many threads, processes or tasks: each costs something while it lives. */
    static final class Few extends Count {
        Few() {
            super(1000);
        }
    }

    /** How many waits at once: as many as the runners take. */
    static final class Many extends Count {
        Many() {
            super(100_000);
        }
    }
}
