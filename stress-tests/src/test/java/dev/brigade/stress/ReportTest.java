package dev.brigade.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;

class ReportTest {
    private static final String NAME = "dev.brigade.stress.races.Some.Plain";
    private static final Observed SEEN = new Observed(
            NAME,
            Status.NORMAL,
            true,
            28,
            27,
            List.of(
                    new Observed.Row("1", Expect.ACCEPTABLE_INTERESTING, 1, "lost <b> | gone"),
                    new Observed.Row("2", Expect.ACCEPTABLE, 999_999, "kept")),
            List.of());
    private static final Verdict FINE = new Verdict(NAME, SEEN.counts(), List.of());
    private static final Verdict LEFT_OUT =
            new Verdict("dev.brigade.stress.races.Left.Out", "", List.of("did <not> run"));

    @Test
    void writesTextThatIsSafeInHtml() {
        String page = HtmlPage.of(report());
        assertTrue(page.contains("lost &lt;b&gt; | gone"), page);
        assertTrue(page.contains("did &lt;not&gt; run"), page);
    }

    @Test
    void needsNothingBesideTheHtmlPage() {
        String page = HtmlPage.of(report());
        assertTrue(!page.contains("src=") && !page.contains("<link") && !page.contains("http"), page);
    }

    @Test
    void showsExactCountsAndConfigurationsOnEveryPage() {
        for (String page : List.of(HtmlPage.of(report()), MarkdownPage.of(report()), TextPage.of(report()))) {
            assertTrue(page.contains("999,999"), page);
            assertTrue(page.contains("race seen in 27 of 28 configurations"), page);
            assertTrue(page.contains("JDK 25.0.3, 2 processors, some processor"), page);
        }
    }

    @Test
    void keepsAMarkdownTableWhereTheTextHasABar() {
        assertTrue(MarkdownPage.of(report()).contains("lost <b> \\| gone |\n"));
    }

    @Test
    void neverRoundsToNothingNorToAll() {
        assertEquals("< 0.01 %", StressReport.percent(1e-9));
        assertEquals("> 99.99 %", StressReport.percent(1 - 1e-9));
        assertEquals("0.00 %", StressReport.percent(0));
        assertEquals("100.00 %", StressReport.percent(1));
        assertEquals("25.13 %", StressReport.percent(0.2513));
    }

    @Test
    void readsBackTheVerdictsItWrites() {
        Verdict two = new Verdict("some.Test", "[1, 1]=3", List.of("one\treason", "another\nreason"));
        Verdict back = Verdict.parse(two.line());
        assertEquals(new Verdict("some.Test", "[1, 1]=3", List.of("one reason; another reason")), back);
        assertEquals(FINE, Verdict.parse(FINE.line()));
    }

    @Test
    void callsATestByItsNameWithoutThePackage() {
        assertEquals("Some.Plain", SEEN.shortName());
    }

    private static StressReport report() {
        Map<String, String> conditions = Map.of("processors", "2", "processor", "some processor", "form", "quick");
        return new StressReport(
                new RunConditions(conditions),
                Map.of("java.version", "25.0.3"),
                new Verdict(Verdict.RUN, "", List.of()),
                List.of(new StressReport.Entry(SEEN, FINE), new StressReport.Entry(null, LEFT_OUT)));
    }
}
