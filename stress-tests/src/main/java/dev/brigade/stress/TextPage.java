package dev.brigade.stress;

import java.util.Locale;

/** A run's results for a terminal. */
final class TextPage {
    private static final int BAR = 24;

    private TextPage() {}

    static String of(StressReport report) {
        StringBuilder page = new StringBuilder(report.heading()).append('\n');
        for (StressReport.Entry entry : report.entries()) {
            page.append('\n')
                    .append(entry.verdict().passed() ? "ok     " : "FAILED ")
                    .append(entry.title())
                    .append(", ")
                    .append(entry.configurations())
                    .append('\n');
            if (entry.observed() != null) {
                rows(page, entry.observed());
            }
        }
        return page.toString();
    }

    private static void rows(StringBuilder page, Observed test) {
        int width = test.rows().stream()
                .mapToInt(row -> row.outcome().length())
                .max()
                .orElse(0);
        for (Observed.Row row : test.rows()) {
            page.append(String.format(
                    Locale.ROOT,
                    "  %" + width + "s %13s %9s  %-" + BAR + "s  %s: %s%n",
                    row.outcome(),
                    StressReport.grouped(row.count()),
                    StressReport.percent(test.share(row)),
                    bar(test.share(row)),
                    row.expect().toString().toLowerCase(Locale.ROOT).replace("acceptable_", ""),
                    row.meaning()));
        }
    }

    /** At least one mark for what was seen at all. */
    private static String bar(double share) {
        int marks = share > 0 ? Math.max(1, (int) Math.round(share * BAR)) : 0;
        return "#".repeat(marks);
    }
}
