package dev.brigade.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.brigade.Outcome;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page as text; how it looks and works is for the browser test. */
class HtmlReportTest {
    private static final String HOSTILE =
            "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"{{data}}$1\\";

    private static Section section(String text) {
        Track track = Track.of(
                text,
                List.of(
                        OutcomeSamples.outcome(0, text, Outcome.State.SUCCESS, null, 1, text, 0, 0, 5),
                        OutcomeSamples.outcome(
                                1, text, Outcome.State.FAILED, new IllegalStateException(text), 1, text, 0, 5, 9)));
        return new Section(
                text,
                text,
                Section.of(Timeline.of(text, track, track)).measures(),
                Timeline.of(text, track),
                text,
                text);
    }

    @Test
    void hostileTextIsShownAndNeverInterpreted() {
        String page = HtmlReport.builder(HOSTILE)
                .fact(HOSTILE, HOSTILE)
                .section(section(HOSTILE))
                .section(section(HOSTILE))
                .build()
                .html();
        assertFalse(page.contains("alert(1)</script>"), "a script of the user's");
        assertFalse(page.contains("<img"), "an element of the user's");
        assertEquals(3, count(page, "</script>"), "the page's own scripts");
        assertTrue(page.contains("&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&quot;{{data}}$1\\"), "the text itself");
    }

    @Test
    void theDataIsJsonThatHoldsEveryTaskOnce() {
        String page = HtmlReport.of(OutcomeSamples.kitchen()).html();
        Matcher data = Pattern.compile("id=\"data\">(.*)</script>").matcher(page);
        assertTrue(data.find());
        JsonArray tracks = JsonParser.parseString(data.group(1))
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject()
                .getAsJsonArray("tracks");
        List<String> labels = IntStream.range(0, tracks.size())
                .boxed()
                .flatMap(i -> tracks.get(i).getAsJsonObject().getAsJsonArray("lanes").asList().stream())
                .flatMap(lane -> lane.getAsJsonObject().getAsJsonArray("bars").asList().stream())
                .map(JsonElement::getAsJsonObject)
                .map(bar -> bar.get("label").getAsString())
                .sorted()
                .toList();
        assertEquals(
                List.of("#0 input", "#0 input", "#1 input", "#1 input", "#2 input", "#3 input", "#4 input", "#5 input"),
                labels);
    }

    @Test
    void theTableHoldsEveryTaskAlsoTheOneThatNeverRan() {
        String page = HtmlReport.of(OutcomeSamples.kitchen()).html();
        for (int i = 0; i < 7; i++) {
            assertTrue(count(page, "<th scope=\"row\">#" + i + " input</th>") >= 1, "task " + i);
        }
        assertTrue(page.contains("<tr class=\"CANCELLED\">"));
        assertTrue(page.contains("<td>never</td>"));
    }

    @Test
    void ofTooManyTasksTheTableShowsThoseThatWentWrong() {
        List<Outcome<Object, Object>> outcomes = IntStream.range(0, 3000)
                .mapToObj(i ->
                        i == 2900 ? OutcomeSamples.failed(i, "w", 0, i, i + 1) : OutcomeSamples.ok(i, "w", 0, i, i + 1))
                .toList();
        String page =
                HtmlReport.of(Timeline.of("T", Track.of("many", outcomes))).html();
        assertTrue(page.contains("500 of 3000 tasks, those that went wrong first"));
        assertTrue(page.contains("#2900 input"));
        assertTrue(page.contains("this is how many ran at once"));
    }

    @Test
    void nothingIsFetchedFromAnywhere() {
        String page = HtmlReport.of(OutcomeSamples.kitchen()).html();
        assertTrue(page.contains("default-src 'none'"), "the browser is told to fetch nothing");
        assertFalse(Pattern.compile("<(link|img|iframe|object|embed)\\b|<script[^>]*\\bsrc=|@import|url\\((?!#)")
                .matcher(page.replaceAll("(?s)<script>\\s*/\\*.*?</script>", ""))
                .find());
        TreeSet<String> hosts = new TreeSet<>();
        Pattern.compile("\\w+://([\\w.]+)").matcher(page).results().forEach(url -> hosts.add(url.group(1)));
        assertEquals(new TreeSet<>(List.of("d3js.org", "www.w3.org")), hosts, "a comment, and names of XML");
    }

    @Test
    void onePageForOneReport() {
        assertEquals(
                HtmlReport.of(OutcomeSamples.kitchen()).html(),
                HtmlReport.of(OutcomeSamples.kitchen()).html());
    }

    @Test
    void theFirstTrackIsTheYardstick() {
        Track slow = Track.of("slow", List.of(OutcomeSamples.ok(0, "a", 0, 0, 900)));
        Track fast = Track.of("fast", List.of(OutcomeSamples.ok(0, "b", 0, 0, 300)));
        List<Section.Measure> measures =
                Section.of(Timeline.of("T", slow, fast)).measures();
        assertEquals(1, measures.get(0).speedup().orElseThrow());
        assertEquals(3, measures.get(1).speedup().orElseThrow());
    }

    /** As they are in the packages d3 7.9.0 and @observablehq/plot 0.6.17 of the npm registry. */
    @ParameterizedTest
    @CsvSource({
        "d3.min.js, f2094bbf6141b359722c4fe454eb6c4b0f0e42cc10cc7af921fc158fceb86539",
        "plot.umd.min.js, 4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb"
    })
    void theLibrariesAreTheReleasedOnes(String file, String sha256) throws Exception {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("lib/" + file))) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
            assertEquals(sha256, HexFormat.of().formatHex(digest));
        }
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}
