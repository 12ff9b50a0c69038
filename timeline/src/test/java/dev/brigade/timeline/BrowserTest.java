package dev.brigade.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.brigade.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser: {@code mvn -Pbrowser}. Its pictures are left in {@code target/browser}, to be looked at. */
@Tag("browser")
@Timeout(300)
class BrowserTest {
    private static final int PHONE = 390;
    private static final int DESKTOP = 1280;
    private static final String HOSTILE = "<img src=x onerror=console.error(1)></script><b>&amp;\u2028";

    /** Shows the page as wide as a phone, which a window of this browser cannot be; and keeps what the page tells it. */
    private static final String FRAME = """
            <!DOCTYPE html><html><head><meta name="color-scheme" content="light dark"></head><body style="margin:0">
            <script>onmessage = (e) => { document.documentElement.dataset.probe = e.data; };</script>
            <iframe src="page.html" style="border:0;width:WIDTHpx;height:HEIGHTpx"></iframe></body></html>
            """;

    /** Run after the page's own script: goes through the charts by keyboard, and tells the frame what it finds. */
    private static final String PROBE = """
            <script>
            const key = (name) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
            const details = () => document.querySelectorAll(".details")[0].textContent;
            const stops = document.querySelectorAll("#s0 .bar[tabindex='0']");
            stops[1].focus();
            const first = details();
            key("End");
            const last = details();
            key("Home"); key("ArrowDown");
            const below = details();
            parent.postMessage(JSON.stringify({
              width: innerWidth, needed: document.documentElement.scrollWidth,
              charts: document.querySelectorAll("figure[data-chart]").length,
              drawn: [...document.querySelectorAll("figure[data-chart]")].filter((f) => f.querySelector("svg")).length,
              bars: document.querySelectorAll(".bar").length, stops: stops.length, first, last, below,
              foreign: document.querySelectorAll("img, b:not(.overview b)").length,
              requests: performance.getEntriesByType("resource").length,
            }), "*");
            </script>
            """;

    @TempDir
    Path directory = Path.of("");

    private Browser browser;
    private Path page;

    @BeforeEach
    void writeThePage() throws Exception {
        browser = new Browser(directory);
        page = directory.resolve("page.html");
        Track many = Track.of(
                "many",
                IntStream.range(0, 3000)
                        .mapToObj(i -> OutcomeSamples.ok(i, "loop", 0, i / 10, 2 * i + 500))
                        .toList());
        Track hostile = Track.of(
                HOSTILE,
                List.of(OutcomeSamples.outcome(
                        0, HOSTILE, Outcome.State.SUCCESS, null, 1, HOSTILE.repeat(3), 0, 5, 60)));
        String html = HtmlReport.builder("A page " + HOSTILE)
                .thisMachine()
                .section(Section.of(OutcomeSamples.kitchen()))
                .section(Section.of(Timeline.of("Many at once", many, hostile)))
                .section(Section.of(Timeline.of("Nothing")))
                .build()
                .html();
        Files.writeString(page, html.replace("</body>", PROBE + "</body>"));
    }

    @ParameterizedTest
    @ValueSource(ints = {PHONE, DESKTOP})
    void opensWithoutACryAndFitsTheScreen(int width) throws Exception {
        Browser.LoadedPage page = browser.open(framed(width, 900), width, 900);
        assertEquals(List.of(), page.console());
        JsonObject found = probe(page);
        assertEquals(width, found.get("width").getAsInt());
        assertTrue(found.get("needed").getAsInt() <= width, "wider than the screen: " + found);
        assertEquals(found.get("charts"), found.get("drawn"));
        assertEquals(8, found.get("charts").getAsInt(), "2 x time and speed-up, 4 tracks");
        assertEquals(9, found.get("bars").getAsInt(), "one for each task that ran and is not folded");
        assertEquals(0, found.get("foreign").getAsInt(), "elements that names have made");
        assertEquals(0, found.get("requests").getAsInt(), "requests");
    }

    @Test
    void barsAreReachedByKeyboard() throws Exception {
        JsonObject found = probe(browser.open(framed(DESKTOP, 900), DESKTOP, 900));
        assertEquals(2, found.get("stops").getAsInt(), "one Tab stop for each chart of bars");
        assertEquals(
                "#0 input: succeeded on worker-1, ran 0.20 s from 0.10 s on, waited 0.10 s",
                found.get("first").getAsString());
        assertEquals(
                "#5 input: worker lost on worker-2, ran 50.0 ms from 0.65 s on, waited 0.45 s."
                        + " WorkerLostException: worker-1 is gone",
                found.get("last").getAsString());
        assertTrue(found.get("below").getAsString().startsWith("#1 input: failed on worker-2"), found::toString);
    }

    @ParameterizedTest
    @CsvSource({"390, 3200, false", "390, 3200, true", "1280, 2200, false", "1280, 2200, true"})
    void picturesAreThereToBeLookedAt(int width, int height, boolean dark) throws Exception {
        Path picture = Files.createDirectories(Path.of("target", "browser"))
                .resolve(width + (dark ? "-dark" : "-light") + ".png");
        browser.screenshot(framed(width, height), width, height, dark, picture);
        assertTrue(Files.size(picture) > 10_000, picture + " is empty");
    }

    private Path framed(int width, int height) throws Exception {
        String frame = FRAME.replace("WIDTH", "" + width).replace("HEIGHT", "" + height);
        return Files.writeString(directory.resolve("frame.html"), frame);
    }

    private static JsonObject probe(Browser.LoadedPage page) {
        Matcher probe = Pattern.compile("<html[^>]* data-probe=\"([^\"]*)\"").matcher(page.dom());
        assertTrue(probe.find(), () -> "the page's script did not come to its end: " + page.console());
        String json = probe.group(1)
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
