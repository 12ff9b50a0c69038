package dev.brigade.benchmarks;

import java.util.List;

/** The statistics of several samples of one figure. */
final class Statistics {
    private Statistics() {}

    static double median(List<Double> values) {
        return quantile(values, 0.5);
    }

    /** The value below which that part of the sorted values lies, interpolated; {@code part} from 0 to 1. */
    static double quantile(List<Double> values, double part) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double at = part * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
