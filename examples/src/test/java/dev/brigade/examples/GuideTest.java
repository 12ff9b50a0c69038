package dev.brigade.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guide, in both languages, and the order of the lessons: their figures, code, links and form. */
class GuideTest {
    private static final List<String> PAGES = List.of("guide.md", "guide.fr.md", "lessons.md");
    private static final Path SNIPPETS = Path.of("src/test/java/dev/brigade/examples/GuideSnippetsTest.java");
    private static final Pattern SNIPPET =
            Pattern.compile("(?ms)^( *)// guide: (?!end|\\()[a-z ]+\\R(.*?)^ *// guide: end$");
    private static final Pattern NOT_SHOWN = Pattern.compile("(?ms)^ *// guide: \\(not shown\\)\\R.*?\\(shown\\)\\R");

    /** With {@code -Dguide.update}, the records' figures are written into the pages first. */
    @BeforeAll
    static void update() throws IOException {
        if (System.getProperty("guide.update") == null) {
            return;
        }
        for (String name : PAGES) {
            Page page = Page.read(name).updated(Records.read());
            Files.writeString(page.path(), page.text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"guide.md", "guide.fr.md", "lessons.md"})
    void everyFigureIsTheRecordedOne(String name) throws IOException {
        Page page = Page.read(name);
        assertFalse(page.marks().isEmpty());
        assertEquals(List.of(), page.wrongFigures(Records.read()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"guide.md", "guide.fr.md", "lessons.md"})
    void everyNumberWithAUnitSaysWhereItIsFrom(String name) throws IOException {
        assertEquals(List.of(), Page.read(name).unmarked());
    }

    @ParameterizedTest
    @ValueSource(strings = {"guide.md", "guide.fr.md", "lessons.md"})
    void everyLinkLeadsSomewhere(String name) throws IOException {
        assertEquals(List.of(), Page.read(name).brokenLinks());
    }

    @Test
    void bothLanguagesHaveTheSameForm() throws IOException {
        Page english = Page.read("guide.md");
        Page french = Page.read("guide.fr.md");
        assertEquals(english.levels(), french.levels(), "headings");
        assertEquals(english.blocks(""), french.blocks(""), "code blocks");
        assertEquals(english.plainLinks(), french.plainLinks(), "links");
        assertEquals(
                english.inlineCode().stream().sorted().toList(),
                french.inlineCode().stream().sorted().toList(),
                "code in the text");
    }

    @Test
    void bothLanguagesHaveTheSameFiguresInTheSamePlaces() throws IOException {
        assertEquals(sources("guide.md"), sources("guide.fr.md"));
    }

    @Test
    void theJavaCodeIsWhatIsCompiledAndRun() throws IOException {
        List<String> snippets = SNIPPET.matcher(Files.readString(SNIPPETS))
                .results()
                .map(GuideTest::snippet)
                .toList();
        assertEquals(snippets, Page.read("guide.md").blocks("java"));
    }

    @Test
    void theReadingOrderHasEveryLessonOnce() throws IOException {
        List<MatchResult> rows = Pattern.compile("(?m)^\\| (\\d+) \\| \\[`([a-z0-9-]+)`\\]")
                .matcher(Page.read("lessons.md").text())
                .results()
                .toList();
        assertEquals(
                IntStream.rangeClosed(1, rows.size()).mapToObj(String::valueOf).toList(),
                rows.stream().map(row -> row.group(1)).toList());
        Set<String> lessons = new TreeSet<>(Main.commandLine().getSubcommands().keySet());
        lessons.remove("all");
        assertEquals(lessons.size(), rows.size());
        assertEquals(
                lessons, new TreeSet<>(rows.stream().map(row -> row.group(2)).toList()));
    }

    @Test
    void theFrenchPageIsSetAsFrenchIs() throws IOException {
        String prose = Page.read("guide.fr.md").prose().replaceAll("\\]\\([^)]*\\)|<!--.*?-->", "]");
        List<String> wrong = Pattern.compile(
                        ".{0,20}(?:['\"«»]| [:;!?]|[\\p{L})][;!?]|\\.\\.\\.|\\d (?:[×s]|[mµ]s|[MK]io)(?!\\p{L})).{0,9}")
                .matcher(prose)
                .results()
                .map(MatchResult::group)
                .toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void aWrongFigureAndAnUnmarkedOneAreFound() {
        Records records = new Records(Map.of("17", List.of(new Figure("base", "threads", "wall", 1234.567, "s"))));
        String mark = "<!--17 base threads wall-->";
        Page right = new Page(Path.of("a.md"), "it took 1,234.57" + mark + " s, and 5<!--given--> ms");
        assertEquals(List.of(), right.wrongFigures(records));
        assertEquals(List.of(), right.unmarked());
        Page french = new Page(Path.of("a.fr.md"), "1\u202f234,6" + mark + "\u00a0s");
        assertEquals(List.of(), french.wrongFigures(records));
        Page wrong = new Page(Path.of("a.md"), "it took 1,234.56" + mark + " s, and 5 ms");
        assertEquals(List.of("a.md: 17 base threads wall is 1,234.57, not 1,234.56"), wrong.wrongFigures(records));
        assertEquals(List.of("5 ms"), wrong.unmarked());
        assertEquals(right.text(), wrong.updated(records).text().replace("5 ms", "5<!--given--> ms"));
    }

    private static List<String> sources(String name) throws IOException {
        List<String> sources = new ArrayList<>();
        for (Page.Mark mark : Page.read(name).marks()) {
            sources.add(mark.source() + ": " + mark.shown().length());
        }
        return sources;
    }

    private static String snippet(MatchResult region) {
        String code = NOT_SHOWN.matcher(region.group(2)).replaceAll("");
        return code.replaceAll("(?m)^" + region.group(1), "");
    }
}
