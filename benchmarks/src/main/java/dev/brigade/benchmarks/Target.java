package dev.brigade.benchmarks;

import java.util.OptionalDouble;

/**
 * A figure that Brigade is to reach.
 *
 * @param text what is compared
 * @param value the figure whose median is looked at
 * @param against the figure that it is divided by; null to look at it alone
 * @param unit how it is shown
 * @param bound how much it may be at most, or must be at least
 * @param atLeast which of the two
 */
record Target(String text, Figure value, Figure against, Unit unit, double bound, boolean atLeast) {

    /** The place of a figure in the results. */
    record Figure(String comparison, String column, String peer) {
        OptionalDouble in(Results results) {
            return results.median(comparison, column, peer);
        }
    }

    /** The result of checking a target. */
    enum Verdict {
        MET("met"),
        MISSED("**missed**"),
        UNKNOWN("not measured");

        final String text;

        Verdict(String text) {
            this.text = text;
        }
    }

    /**
     * A bar, looked at.
     *
     * @param bar the bar
     * @param verdict whether it is met
     * @param value the figure, or the ratio; meaningless when unknown
     * @param reason why it is unknown; else empty
     */
    record Finding(Target bar, Verdict verdict, double value, String reason) {
        String shown() {
            return verdict == Verdict.UNKNOWN ? reason : bar.unit.show(value);
        }

        String limit() {
            return (bar.atLeast ? "≥ " : "≤ ") + bar.unit.show(bar.bound);
        }
    }

    static Target atMost(String text, Unit unit, double bound, Figure value) {
        return new Target(text, value, null, unit, bound, false);
    }

    static Target atLeast(String text, double bound, Figure value) {
        return new Target(text, value, null, Unit.FACTOR, bound, true);
    }

    static Target ratio(String text, double bound, Figure value, Figure against) {
        return new Target(text, value, against, Unit.FACTOR, bound, false);
    }

    Finding lookAt(Results results) {
        OptionalDouble own = value.in(results);
        if (own.isEmpty()) {
            return unknown(results, value);
        }
        double figure = own.getAsDouble();
        if (against != null) {
            OptionalDouble other = against.in(results);
            if (other.isEmpty() || other.getAsDouble() == 0) {
                return unknown(results, against);
            }
            figure /= other.getAsDouble();
        }
        boolean met = atLeast ? figure >= bound : figure <= bound;
        return new Finding(this, met ? Verdict.MET : Verdict.MISSED, figure, "");
    }

    private Finding unknown(Results results, Figure missing) {
        String reason = results.whyMissing(missing.comparison, missing.column, missing.peer);
        return new Finding(this, Verdict.UNKNOWN, Double.NaN, reason);
    }
}
