package dev.brigade.benchmarks;

/**
 * One line of what a comparison wrote down.
 *
 * @param column what was measured, a column of the comparison's table
 * @param peer of whom, a row of it
 * @param value the figure; meaningless when there is trouble
 * @param trouble why there is no figure; empty when there is one
 */
record Sample(String column, String peer, double value, String trouble) {
    private static final String SEPARATOR = "\t";

    static Sample of(String column, String peer, double value) {
        return new Sample(column, peer, value, "");
    }

    static Sample trouble(String column, String peer, String reason) {
        String line = reason.replaceAll("\\s+", " ").strip();
        return new Sample(column, peer, Double.NaN, line.isEmpty() ? "failed" : line);
    }

    String toLine() {
        return String.join(SEPARATOR, column, peer, Double.toString(value), trouble);
    }

    static Sample parse(String line) {
        String[] parts = line.split(SEPARATOR, -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("a sample has 4 parts, this has " + parts.length + ": " + line);
        }
        return new Sample(parts[0], parts[1], Double.parseDouble(parts[2]), parts[3]);
    }
}
