package dev.brigade.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;

/** Reads a file of figures as a program would, and accepts no other form. */
final class LessonJson {
    private static final Pattern LINE = Pattern.compile("\\{\"lesson\": \"([a-z0-9-]+)\", \"runner\": \"([a-z]+)\", "
            + "\"what\": \"([A-Za-z -]+)\", \"value\": (-?\\d+(?:\\.\\d+)?), \"unit\": \"([A-Za-z]+)\"\\}");

    private LessonJson() {}

    static List<Figure> read(Path file) throws IOException {
        List<Figure> figures = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            Matcher m = LINE.matcher(line);
            Assertions.assertTrue(m.matches(), line);
            figures.add(new Figure(m.group(1), m.group(2), m.group(3), Double.parseDouble(m.group(4)), m.group(5)));
        }
        return figures;
    }

    static double value(List<Figure> figures, String lesson, String runner, String what) {
        return figures.stream()
                .filter(f -> f.lesson().equals(lesson)
                        && f.runner().equals(runner)
                        && f.what().equals(what))
                .mapToDouble(Figure::value)
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new AssertionError(lesson + " " + runner + " " + what + " is not in " + figures));
    }
}
