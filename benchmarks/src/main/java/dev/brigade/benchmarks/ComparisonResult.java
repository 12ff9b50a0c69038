package dev.brigade.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The samples of one comparison.
 *
 * @param comparison the comparison
 * @param samples the samples, in the order in which they were taken
 * @param seconds the time that the comparison took
 * @param trouble the reason for an early end; empty if it ran to its end
 */
record ComparisonResult(Comparison comparison, List<Sample> samples, double seconds, String trouble) {

    Set<String> columns() {
        Set<String> columns = new LinkedHashSet<>();
        samples.forEach(sample -> columns.add(sample.column()));
        columns.remove("");
        return columns;
    }

    Set<String> peers() {
        Set<String> peers = new LinkedHashSet<>();
        if (samples.stream().anyMatch(sample -> sample.peer().equals(comparison.baseline()))) {
            peers.add(comparison.baseline());
        }
        samples.forEach(sample -> peers.add(sample.peer()));
        return peers;
    }

    List<Double> values(String column, String peer) {
        List<Double> values = new ArrayList<>();
        for (Sample sample : samples) {
            if (sample.trouble().isEmpty()
                    && sample.column().equals(column)
                    && sample.peer().equals(peer)) {
                values.add(sample.value());
            }
        }
        return values;
    }

    OptionalDouble median(String column, String peer) {
        List<Double> values = values(column, peer);
        return values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Statistics.median(values));
    }

    /** Why that peer has no figure there; trouble without a column is of all columns. */
    Optional<String> trouble(String column, String peer) {
        return samples.stream()
                .filter(sample -> !sample.trouble().isEmpty() && sample.peer().equals(peer))
                .filter(sample ->
                        sample.column().equals(column) || sample.column().isEmpty())
                .map(Sample::trouble)
                .findFirst();
    }
}
