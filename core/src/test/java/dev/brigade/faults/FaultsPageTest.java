package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * Tests that {@code docs/faults.md} and {@code docs/security.md} name existing tests for every fault and claim, and name all tests of this
 * package.
 */
final class FaultsPageTest {
    private static final Path FAULTS = Path.of("..", "docs", "faults.md");
    private static final Path SECURITY = Path.of("..", "docs", "security.md");

    private static final Map<String, List<String>> LISTED = ListedFaults.bySection();

    private static final Path TESTS = Path.of("src", "test", "java");

    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
    private static final String REASON = "Not tested";
    private static final int REASON_CHARS = 40;

    /** A row of a table: its section, its subject, and its whole text. */
    private record Row(String section, String subject, String text) {}

    private static List<Row> rows(List<String> lines) {
        List<Row> rows = new ArrayList<>();
        String section = "";
        boolean inTable = false;
        for (String line : lines) {
            section = line.startsWith("## ") ? line.substring(3).strip() : section;
            boolean ruler = line.startsWith("|---");
            if (inTable && line.startsWith("|")) {
                String[] cells = line.split(" \\| ", -1);
                rows.add(new Row(section, cells[0].substring(1).strip(), line));
            }
            inTable = ruler || (inTable && line.startsWith("|"));
        }
        return rows;
    }

    /** Returns true if the row names a test, or gives a reason for having none. */
    private static boolean isAnswered(Row row) {
        int reason = row.text().indexOf(REASON);
        boolean reasoned = reason >= 0 && row.text().length() - reason > REASON_CHARS;
        return reasoned || NAME.matcher(row.text()).find();
    }

    private static Set<String> named(List<String> lines) {
        return lines.stream()
                .flatMap(line -> NAME.matcher(line).results())
                .map(match -> match.group(1) + "." + match.group(2))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the names without such a test. */
    private static List<String> missing(Set<String> names) {
        return names.stream().filter(name -> !exists(name)).toList();
    }

    private static boolean exists(String name) {
        int dot = name.indexOf('.');
        return testsOf(name.substring(0, dot)).anyMatch(name.substring(dot + 1)::equals);
    }

    /** Returns the tests of all classes with a simple name, in any package. */
    private static Stream<String> testsOf(String simpleName) {
        try (Stream<Path> all = Files.walk(TESTS)) {
            return all.filter(file -> file.endsWith(simpleName + ".java")).toList().stream()
                    .map(file -> TESTS.relativize(file)
                            .toString()
                            .replace(".java", "")
                            .replace('/', '.'))
                    .flatMap(FaultsPageTest::testsOfClass);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> testsOfClass(String className) {
        try {
            return Arrays.stream(Class.forName(className).getDeclaredMethods())
                    .filter(FaultsPageTest::isTest)
                    .map(Method::getName);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isTest(Method method) {
        return method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
    }

    /** Section by section, so that a failure shows the row. */
    @Test
    void everyFaultOfTheListIsThere() throws IOException {
        Map<String, List<String>> faults = new LinkedHashMap<>();
        for (Row row : rows(Files.readAllLines(FAULTS))) {
            faults.computeIfAbsent(row.section(), unused -> new ArrayList<>()).add(row.subject());
        }
        LISTED.forEach((section, listed) -> assertEquals(listed, faults.get(section), section));
    }

    @Test
    void everyFaultHasATestOrAReason() throws IOException {
        List<Row> rows = rows(Files.readAllLines(FAULTS)).stream()
                .filter(row -> LISTED.containsKey(row.section()))
                .toList();
        assertFalse(rows.isEmpty());
        assertEquals(
                List.of(),
                rows.stream().filter(row -> !isAnswered(row)).map(Row::subject).toList());
    }

    @Test
    void everyClaimHasATest() throws IOException {
        List<Row> claims = rows(Files.readAllLines(SECURITY)).stream()
                .filter(row -> !row.section().equals("What crosses"))
                .toList();
        assertFalse(claims.isEmpty());
        assertEquals(
                List.of(),
                claims.stream()
                        .filter(row -> !NAME.matcher(row.text()).find())
                        .map(Row::subject)
                        .toList());
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        assertEquals(List.of(), missing(named(Files.readAllLines(FAULTS))));
        assertEquals(List.of(), missing(named(Files.readAllLines(SECURITY))));
    }

    @Test
    void everyTestOfFaultsIsNamed() throws Exception {
        Set<String> named = named(Files.readAllLines(FAULTS));
        named.addAll(named(Files.readAllLines(SECURITY)));
        Set<String> ours = new TreeSet<>();
        Path here = Path.of(FaultsPageTest.class.getResource(".").toURI());
        try (Stream<Path> files = Files.list(here)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replaceFirst("\\.class$", "");
                if (name.endsWith("Test") && !name.equals("FaultsPageTest")) {
                    testsOf(name).forEach(test -> ours.add(name + "." + test));
                }
            }
        }
        assertTrue(ours.contains("RandomFaultsSoakTest.everyOutcomeIsTheOneExpected"), ours::toString);
        ours.removeAll(named);
        assertEquals(Set.of(), ours);
    }

    @Test
    void findsWhatIsWrong() {
        List<String> page = List.of(
                "## Streams",
                "| fault | sees | test |",
                "|---|---|---|",
                "| one | it | `StreamTest.none` |",
                "| two | it | |",
                "| three | it | Not tested: no |",
                "| four | it | Not tested: nobody can do this to a process, whatever they try |",
                "Text.",
                "| no row | | |");
        List<Row> rows = rows(page);
        assertEquals(
                List.of("one", "two", "three", "four"),
                rows.stream().map(Row::subject).toList());
        assertEquals(
                List.of("two", "three"),
                rows.stream().filter(row -> !isAnswered(row)).map(Row::subject).toList());
        assertEquals(List.of("StreamTest.none"), missing(named(page)));
        assertTrue(exists("FaultsPageTest.findsWhatIsWrong"));
        assertFalse(exists("FaultsPageTest.exists"), "no test, though there is such a method");
    }
}
