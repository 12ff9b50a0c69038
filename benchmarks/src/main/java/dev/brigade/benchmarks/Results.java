package dev.brigade.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What all stands of one run measured. */
record Results(List<StandResult> stands) {

    private Optional<StandResult> stand(String id) {
        return stands.stream().filter(result -> result.stand().id().equals(id)).findFirst();
    }

    OptionalDouble median(String stand, String column, String peer) {
        return stand(stand).map(result -> result.median(column, peer)).orElse(OptionalDouble.empty());
    }

    /** Why there is no such figure. */
    String whyMissing(String stand, String column, String peer) {
        Optional<StandResult> result = stand(stand);
        if (result.isEmpty()) {
            return stand + " was not run";
        }
        return result.get()
                .trouble(column, peer)
                .map(reason -> peer + ": " + reason)
                .orElseGet(() -> result.get().trouble().isEmpty()
                        ? stand + " has no figure of " + peer + " for " + column
                        : stand + ": " + result.get().trouble());
    }
}
