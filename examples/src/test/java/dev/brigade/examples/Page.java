package dev.brigade.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, taken apart.
 *
 * <p>A measured figure is followed by a mark that says where it is from, {@code 1.95<!--17 cpu-example threads speedup-->}: JDK,
 * lesson, runner, what. A number that was set, not measured, is followed by {@code <!--given-->}.
 */
record Page(Path path, String text) {
    private static final String NUMBER = "\\d[\\d.,\u202f]*";
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\R(.*?)^```$");
    private static final Pattern INLINE = Pattern.compile("`[^`\\n]*`");
    private static final Pattern HEADING = Pattern.compile("(?m)^(#+) (.*)$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)]*)\\)");
    private static final Pattern MARK =
            Pattern.compile("(" + NUMBER + ")<!--(\\d+) ([a-z0-9-]+) ([a-z]+) ([A-Za-z -]+)-->");
    private static final Pattern UNMARKED =
            Pattern.compile(NUMBER + "[ \u00a0\u202f](?:×|s|ms|µs|ns|[KMG]iB|[KMG]io)(?![\\p{L}])");

    static Page read(String name) throws IOException {
        Path path = Path.of("..", "docs", name);
        return new Page(path, Files.readString(path));
    }

    /** A measured figure as the page shows it. */
    record Mark(String shown, String jdk, String lesson, String runner, String what) {
        String source() {
            return String.join(" ", jdk, lesson, runner, what);
        }

        private static Mark of(MatchResult m) {
            return new Mark(m.group(1), m.group(2), m.group(3), m.group(4), m.group(5));
        }

        /** The value with as many digits as this shows. */
        String show(double value, Locale locale) {
            NumberFormat format = NumberFormat.getNumberInstance(locale);
            char point = ((DecimalFormat) format).getDecimalFormatSymbols().getDecimalSeparator();
            int at = shown.lastIndexOf(point);
            int digits = at < 0 ? 0 : shown.length() - at - 1;
            format.setMinimumFractionDigits(digits);
            format.setMaximumFractionDigits(digits);
            return format.format(value);
        }
    }

    Locale locale() {
        return path.toString().endsWith(".fr.md") ? Locale.FRANCE : Locale.ROOT;
    }

    /** The text without code blocks and inline code. */
    String prose() {
        return INLINE.matcher(BLOCK.matcher(text).replaceAll("")).replaceAll("``");
    }

    List<Mark> marks() {
        return MARK.matcher(text).results().map(Mark::of).toList();
    }

    /** Numbers with a unit that say neither where they were measured nor that they were given. */
    List<String> unmarked() {
        return UNMARKED.matcher(prose()).results().map(MatchResult::group).toList();
    }

    /** What is wrong with the figures, by the records. */
    List<String> wrongFigures(Records records) {
        List<String> wrong = new ArrayList<>();
        for (Mark mark : marks()) {
            String right = mark.show(records.value(mark), locale());
            if (!right.equals(mark.shown())) {
                wrong.add(path.getFileName() + ": " + mark.source() + " is " + right + ", not " + mark.shown());
            }
        }
        return wrong;
    }

    /** This page with the records' figures. */
    Page updated(Records records) {
        Matcher matcher = MARK.matcher(text);
        String updated = matcher.replaceAll(m -> {
            Mark mark = Mark.of(m);
            return Matcher.quoteReplacement(mark.show(records.value(mark), locale()) + "<!--" + mark.source() + "-->");
        });
        return new Page(path, updated);
    }

    /** The headings' levels: {@code ##} and so on. */
    List<String> levels() {
        return headings().map(m -> m.group(1)).toList();
    }

    /** The headings' anchors, as GitHub makes them. */
    List<String> anchors() {
        return headings()
                .map(m -> m.group(2)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private Stream<MatchResult> headings() {
        return HEADING.matcher(BLOCK.matcher(text).replaceAll("")).results();
    }

    /** The code blocks in one language; in all of them when it is empty. */
    List<String> blocks(String language) {
        return BLOCK.matcher(text)
                .results()
                .filter(m -> language.isEmpty() || m.group(1).equals(language))
                .map(m -> m.group(2))
                .toList();
    }

    List<String> inlineCode() {
        return INLINE.matcher(BLOCK.matcher(text).replaceAll(""))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    List<String> links() {
        return LINK.matcher(prose()).results().map(m -> m.group(1)).toList();
    }

    /** The links, in a form that is the same in each language: headings of the page by number, the other language by name. */
    List<String> plainLinks() {
        return links().stream()
                .map(link -> link.startsWith("#") ? "#" + anchors().indexOf(link.substring(1)) : link)
                .map(link -> link.matches("guide(\\.fr)?\\.md") ? "the other language" : link)
                .toList();
    }

    /** Links to what is not there. */
    List<String> brokenLinks() throws IOException {
        List<String> broken = new ArrayList<>();
        for (String link : links()) {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? path : path.resolveSibling(parts[0]);
            boolean outside = link.startsWith("https://");
            boolean there = outside || Files.exists(target);
            if (there && !outside && parts.length == 2) {
                there = new Page(target, Files.readString(target)).anchors().contains(parts[1]);
            }
            if (!there) {
                broken.add(path.getFileName() + ": " + link);
            }
        }
        return broken;
    }
}
