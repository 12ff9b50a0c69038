package dev.brigade.stress;

import java.util.Locale;

/** A run's results in Markdown. */
final class MarkdownPage {
    private static final int BAR = 20;

    private MarkdownPage() {}

    static String of(StressReport report) {
        StringBuilder page = new StringBuilder("# Stress tests\n\n")
                .append(report.heading())
                .append("\n\n")
                .append(report.entries().stream()
                        .filter(entry -> entry.verdict().passed())
                        .count())
                .append(" of ")
                .append(report.entries().size())
                .append(" tests passed.\n");
        report.run()
                .reasons()
                .forEach(reason -> page.append("\n**Failed:** ").append(reason).append('\n'));
        report.entries().forEach(entry -> section(page, entry));
        return page.toString();
    }

    private static void section(StringBuilder page, StressReport.Entry entry) {
        page.append("\n## ")
                .append(entry.title())
                .append("\n\n")
                .append(entry.verdict().passed() ? "Passed" : "**Failed**")
                .append(", ")
                .append(entry.configurations())
                .append(".\n");
        entry.verdict()
                .reasons()
                .forEach(reason -> page.append("\n- ").append(escaped(reason)).append('\n'));
        if (entry.observed() == null) {
            return;
        }
        page.append("\n| Outcome | Samples | Share | | Grade | Meaning |\n|---|---:|---:|---|---|---|\n");
        for (Observed.Row row : entry.observed().rows()) {
            double share = entry.observed().share(row);
            page.append("| ")
                    .append(String.join(
                            " | ",
                            "`" + escaped(row.outcome()) + "`",
                            StressReport.grouped(row.count()),
                            StressReport.percent(share),
                            "█".repeat(share > 0 ? Math.max(1, (int) Math.round(share * BAR)) : 0),
                            row.expect().toString().toLowerCase(Locale.ROOT),
                            escaped(row.meaning())))
                    .append(" |\n");
        }
    }

    /** A bar ends a cell, in code too. */
    private static String escaped(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
