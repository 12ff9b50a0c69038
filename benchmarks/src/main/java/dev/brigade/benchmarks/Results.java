package dev.brigade.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The results of all comparisons of one run. */
record Results(List<ComparisonResult> comparisons) {

    private Optional<ComparisonResult> comparison(String id) {
        return comparisons.stream()
                .filter(result -> result.comparison().id().equals(id))
                .findFirst();
    }

    OptionalDouble median(String comparison, String column, String peer) {
        return comparison(comparison).map(result -> result.median(column, peer)).orElse(OptionalDouble.empty());
    }

    /** Why there is no such figure. */
    String whyMissing(String comparison, String column, String peer) {
        Optional<ComparisonResult> result = comparison(comparison);
        if (result.isEmpty()) {
            return comparison + " was not run";
        }
        return result.get()
                .trouble(column, peer)
                .map(reason -> peer + ": " + reason)
                .orElseGet(() -> result.get().trouble().isEmpty()
                        ? comparison + " has no figure of " + peer + " for " + column
                        : comparison + ": " + result.get().trouble());
    }
}
