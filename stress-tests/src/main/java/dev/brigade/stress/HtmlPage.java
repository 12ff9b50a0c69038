package dev.brigade.stress;

import java.util.Locale;

/** A run's results as one HTML page that needs nothing beside it. */
final class HtmlPage {
    private static final String STYLE = """
            :root { color-scheme: light dark; --line: #d0d4da; --ok: #2d7d46; --interesting: #b8860b; --bad: #b3261e; }
            @media (prefers-color-scheme: dark) { :root { --line: #444a52; --ok: #6cc38a; --interesting: #e0b34c; --bad: #f2827a; } }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
            h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
            table { border-collapse: collapse; width: 100%; }
            th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; }
            .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            .bar { width: 30%; } .bar div { height: .8rem; margin-top: .35rem; min-width: 1px; }
            .acceptable { background: var(--ok); } .acceptable_interesting { background: var(--interesting); }
            .forbidden, .unknown { background: var(--bad); }
            .passed { color: var(--ok); } .failed { color: var(--bad); font-weight: bold; }
            code { white-space: nowrap; }
            """;

    private HtmlPage() {}

    static String of(StressReport report) {
        StringBuilder page = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n")
                .append(
                        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Stress tests</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n<h1>Stress tests</h1>\n<p>")
                .append(escaped(report.heading()))
                .append("</p>\n");
        report.run().reasons().forEach(reason -> failure(page, reason));
        overview(page, report);
        report.entries().forEach(entry -> section(page, entry));
        return page.append("</html>\n").toString();
    }

    private static void overview(StringBuilder page, StressReport report) {
        page.append("<table>\n<tr><th>Test<th>Check<th class=number>Samples<th>Race\n");
        for (StressReport.Entry entry : report.entries()) {
            long samples = entry.observed() == null ? 0 : entry.observed().samples();
            page.append("<tr><td><a href=\"#")
                    .append(escaped(entry.verdict().name()))
                    .append("\">")
                    .append(escaped(entry.title()))
                    .append("</a><td>")
                    .append(check(entry))
                    .append("<td class=number>")
                    .append(StressReport.grouped(samples))
                    .append("<td>")
                    .append(escaped(entry.configurations()))
                    .append('\n');
        }
        page.append("</table>\n");
    }

    private static void section(StringBuilder page, StressReport.Entry entry) {
        page.append("<h2 id=\"")
                .append(escaped(entry.verdict().name()))
                .append("\">")
                .append(escaped(entry.title()))
                .append("</h2>\n<p>")
                .append(check(entry))
                .append(", ")
                .append(escaped(entry.configurations()))
                .append("</p>\n");
        entry.verdict().reasons().forEach(reason -> failure(page, reason));
        if (entry.observed() != null) {
            outcomes(page, entry.observed());
        }
    }

    private static void outcomes(StringBuilder page, Observed test) {
        page.append("<table>\n<tr><th>Outcome<th class=number>Samples<th class=number>Share<th>")
                .append("<th>Grade<th>Meaning\n");
        for (Observed.Row row : test.rows()) {
            String grade = row.expect().toString().toLowerCase(Locale.ROOT);
            page.append("<tr><td><code>")
                    .append(escaped(row.outcome()))
                    .append("</code><td class=number>")
                    .append(StressReport.grouped(row.count()))
                    .append("<td class=number>")
                    .append(escaped(StressReport.percent(test.share(row))))
                    .append("<td class=bar>")
                    .append(bar(grade, test.share(row)))
                    .append("<td>")
                    .append(grade.replace('_', ' '))
                    .append("<td>")
                    .append(escaped(row.meaning()))
                    .append('\n');
        }
        page.append("</table>\n");
    }

    private static String bar(String grade, double share) {
        return share == 0
                ? ""
                : String.format(Locale.ROOT, "<div class=\"%s\" style=\"width:%.3f%%\"></div>", grade, share * 100);
    }

    private static String check(StressReport.Entry entry) {
        return entry.verdict().passed() ? "<span class=passed>passed</span>" : "<span class=failed>failed</span>";
    }

    private static void failure(StringBuilder page, String reason) {
        page.append("<p class=failed>").append(escaped(reason)).append("</p>\n");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
