package dev.brigade.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The figures that were recorded for the documentation: what {@code all --json} wrote, by JDK.
 *
 * @param figures the figures by the JDK's number
 */
record Records(Map<String, List<Figure>> figures) {

    static Records read() throws IOException {
        Map<String, List<Figure>> figures = new TreeMap<>();
        for (String jdk : List.of("17", "25")) {
            figures.put(jdk, LessonJson.read(Path.of("..", "docs", "figures", "jdk-" + jdk + ".jsonl")));
        }
        return new Records(figures);
    }

    double value(Page.Mark mark) {
        List<Figure> recorded = figures.get(mark.jdk());
        if (recorded == null) {
            throw new AssertionError("nothing was recorded with JDK " + mark.jdk());
        }
        return LessonJson.value(recorded, mark.lesson(), mark.runner(), mark.what());
    }
}
