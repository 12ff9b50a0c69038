package dev.brigade.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** Results as Markdown. */
final class Tables {
    private Tables() {}

    /** A row for each peer, a column for each thing measured; figures with their ratio to the baseline's. */
    static String of(ComparisonResult result) {
        StringBuilder text = new StringBuilder();
        Comparison comparison = result.comparison();
        text.append("## ").append(comparison.title()).append("\n\n").append(comparison.note());
        text.append(String.format(
                " Medians; × is against *%s*. (`%s`, %.0f s)%n%n",
                comparison.baseline(), comparison.id(), result.seconds()));
        if (!result.trouble().isEmpty()) {
            text.append("**Not complete**: ").append(escaped(result.trouble())).append("\n\n");
        }
        Set<String> columns = result.columns();
        if (columns.isEmpty()) {
            text.append("Nothing was measured.\n");
            result.samples()
                    .forEach(sample -> text.append("\n- ").append(escaped(sample.peer() + ": " + sample.trouble())));
            return text.append("\n").toString();
        }
        appendRow(text, "peer", new ArrayList<>(columns));
        appendRow(text, "---", columns.stream().map(column -> "---:").toList());
        for (String peer : result.peers()) {
            List<String> cells =
                    columns.stream().map(column -> cell(result, column, peer)).toList();
            appendRow(text, peer, cells);
        }
        return text.toString();
    }

    private static String cell(ComparisonResult result, String column, String peer) {
        OptionalDouble median = result.median(column, peer);
        if (median.isEmpty()) {
            return result.trouble(column, peer).map(Tables::escaped).orElse("–");
        }
        String figure = result.comparison().unit(column).show(median.getAsDouble());
        OptionalDouble base = result.median(column, result.comparison().baseline());
        if (result.comparison().unit(column) == Unit.FACTOR
                || base.isEmpty()
                || peer.equals(result.comparison().baseline())
                || base.getAsDouble() == 0) {
            return figure;
        }
        return figure + " (" + Unit.FACTOR.show(median.getAsDouble() / base.getAsDouble()) + ")";
    }

    static void appendRow(StringBuilder text, String first, List<String> others) {
        text.append("| ").append(escaped(first));
        others.forEach(cell -> text.append(" | ").append(cell));
        text.append(" |\n");
    }

    static String escaped(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
