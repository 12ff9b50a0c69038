package dev.brigade.examples;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * One measured number.
 *
 * @param lesson the lesson that measured it
 * @param runner the way of running: sequential, threads, virtual, async or processes
 * @param what what was measured: {@code wall} and {@code speedup} where they apply, and more by lesson
 * @param value the number, in {@code unit}
 * @param unit s, x, MiB, us, ns, increments, ...
 */
record Figure(String lesson, String runner, String what, double value, String unit) {
    private static final MathContext SIX_DIGITS = new MathContext(6);

    /** One JSON object on one line. The names are this module's own and hold nothing that would need escaping. */
    String toJson() {
        String number = BigDecimal.valueOf(value)
                .round(value == Math.rint(value) ? MathContext.UNLIMITED : SIX_DIGITS)
                .stripTrailingZeros()
                .toPlainString();
        return "{\"lesson\": \"" + lesson + "\", \"runner\": \"" + runner + "\", \"what\": \"" + what
                + "\", \"value\": " + number + ", \"unit\": \"" + unit + "\"}";
    }
}
