package dev.brigade.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * One run, to be written down.
 *
 * @param environment where and with what
 * @param results what was measured
 * @param findings what became of the bars
 */
record BenchmarkReport(Map<String, String> environment, Results results, List<Target.Finding> findings) {

    String markdown() {
        StringBuilder text = new StringBuilder("# Benchmarks\n\n");
        text.append(
                "Written by the command below; not edited. Only ratios within one run count: machines differ, and one machine differs"
                        + " from hour to hour. Peers are measured in turns; the figures are medians, and every sample's quartiles are in"
                        + " `benchmarks.json`. There is no log back end (slf4j-nop).\n\n");
        Tables.appendRow(text, "", List.of(""));
        Tables.appendRow(text, "---", List.of("---"));
        environment.forEach((name, value) -> Tables.appendRow(text, name, List.of(Tables.escaped(value))));
        text.append('\n').append(Targets.table(findings));
        results.comparisons().forEach(result -> text.append('\n').append(Tables.of(result)));
        return text.toString();
    }

    String json() {
        StringJoiner places = new StringJoiner(",\n    ", "{\n    ", "\n  }");
        environment.forEach((name, value) -> places.add(ReportJson.text(name) + ": " + ReportJson.text(value)));
        StringJoiner bars = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        findings.forEach(finding -> bars.add(ReportJson.object(
                "bar", ReportJson.text(finding.bar().text()),
                "bound", ReportJson.number(finding.bar().bound()),
                "value", ReportJson.number(finding.value()),
                "verdict", ReportJson.text(finding.verdict().name()),
                "reason", ReportJson.text(finding.reason()))));
        StringJoiner comparisons = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        results.comparisons().forEach(result -> comparisons.add(comparison(result)));
        return "{\n  \"environment\": " + places + ",\n  \"bars\": " + bars + ",\n  \"comparisons\": " + comparisons
                + "\n}\n";
    }

    private static String comparison(ComparisonResult result) {
        StringJoiner figures = new StringJoiner(",\n      ", "[\n      ", "\n    ]");
        for (String column : result.columns()) {
            for (String peer : result.peers()) {
                figures.add(figure(result, column, peer));
            }
        }
        return ReportJson.object(
                "id", ReportJson.text(result.comparison().id()),
                "baseline", ReportJson.text(result.comparison().baseline()),
                "seconds", ReportJson.number(result.seconds()),
                "trouble", ReportJson.text(result.trouble()),
                "figures", figures.toString());
    }

    private static String figure(ComparisonResult result, String column, String peer) {
        List<Double> values = result.values(column, peer);
        if (values.isEmpty()) {
            return ReportJson.object(
                    "column", ReportJson.text(column),
                    "peer", ReportJson.text(peer),
                    "trouble", ReportJson.text(result.trouble(column, peer).orElse("not measured")));
        }
        return ReportJson.object(
                "column", ReportJson.text(column),
                "peer", ReportJson.text(peer),
                "unit", ReportJson.text(result.comparison().unit(column).name()),
                "samples", ReportJson.number(values.size()),
                "median", ReportJson.number(Statistics.median(values)),
                "lowerQuartile", ReportJson.number(Statistics.quantile(values, 0.25)),
                "upperQuartile", ReportJson.number(Statistics.quantile(values, 0.75)));
    }
}
