package dev.brigade.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * One run, to be written down.
 *
 * @param surroundings where and with what
 * @param results what was measured
 * @param findings what became of the bars
 */
record Report(Map<String, String> surroundings, Results results, List<Bar.Finding> findings) {

    String markdown() {
        StringBuilder text = new StringBuilder("# Benchmarks\n\n");
        text.append(
                "Written by the command below; not edited. Only ratios within one run count: machines differ, and one machine differs"
                        + " from hour to hour. Peers are measured in turns; the figures are medians, and every sample's quartiles are in"
                        + " `benchmarks.json`. There is no log back end (slf4j-nop).\n\n");
        Tables.appendRow(text, "", List.of(""));
        Tables.appendRow(text, "---", List.of("---"));
        surroundings.forEach((name, value) -> Tables.appendRow(text, name, List.of(Tables.escaped(value))));
        text.append('\n').append(Bars.table(findings));
        results.stands().forEach(result -> text.append('\n').append(Tables.of(result)));
        return text.toString();
    }

    String json() {
        StringJoiner places = new StringJoiner(",\n    ", "{\n    ", "\n  }");
        surroundings.forEach((name, value) -> places.add(Json.text(name) + ": " + Json.text(value)));
        StringJoiner bars = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        findings.forEach(finding -> bars.add(Json.object(
                "bar", Json.text(finding.bar().text()),
                "bound", Json.number(finding.bar().bound()),
                "value", Json.number(finding.value()),
                "verdict", Json.text(finding.verdict().name()),
                "reason", Json.text(finding.reason()))));
        StringJoiner stands = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        results.stands().forEach(result -> stands.add(stand(result)));
        return "{\n  \"surroundings\": " + places + ",\n  \"bars\": " + bars + ",\n  \"stands\": " + stands + "\n}\n";
    }

    private static String stand(StandResult result) {
        StringJoiner figures = new StringJoiner(",\n      ", "[\n      ", "\n    ]");
        for (String column : result.columns()) {
            for (String peer : result.peers()) {
                figures.add(figure(result, column, peer));
            }
        }
        return Json.object(
                "id", Json.text(result.stand().id()),
                "baseline", Json.text(result.stand().baseline()),
                "seconds", Json.number(result.seconds()),
                "trouble", Json.text(result.trouble()),
                "figures", figures.toString());
    }

    private static String figure(StandResult result, String column, String peer) {
        List<Double> values = result.values(column, peer);
        if (values.isEmpty()) {
            return Json.object(
                    "column", Json.text(column),
                    "peer", Json.text(peer),
                    "trouble", Json.text(result.trouble(column, peer).orElse("not measured")));
        }
        return Json.object(
                "column", Json.text(column),
                "peer", Json.text(peer),
                "unit", Json.text(result.stand().unit(column).name()),
                "samples", Json.number(values.size()),
                "median", Json.number(Statistics.median(values)),
                "lowerQuartile", Json.number(Statistics.quantile(values, 0.25)),
                "upperQuartile", Json.number(Statistics.quantile(values, 0.75)));
    }
}
