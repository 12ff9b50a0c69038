package dev.brigade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Limits the length of methods, so that a method fits on one screen. The length of a file has no limit: a class is split by the state that
 * it owns, never by its length.
 */
class SourceSizeTest {
    private static final int METHOD_LINES = 30;

    @Test
    void methodsAreShort() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(Path.of("src", "main", "java"))) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertFalse(files.isEmpty(), "there is something to measure");
        List<String> tooLong = new ArrayList<>();
        for (Path file : files) {
            tooLong.addAll(tooLong(file.getFileName().toString(), Files.readString(file)));
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void findsALongMethodAndCountsNeitherItsCommentNorItsNeighbours() throws IOException {
        String head = "class A {\n/**\n * Why.\n */\n@Deprecated\nvoid m() {\n";
        String longest = head + "\n".repeat(METHOD_LINES - 2) + "}\nvoid n() {}\n}\n";
        String longer = head + "\n".repeat(METHOD_LINES - 1) + "}\nvoid n() {}\n}\n";
        assertEquals(List.of(), tooLong("A.java", longest));
        assertEquals(List.of("A.java: m has 31 lines, at most 30"), tooLong("A.java", longer));
    }

    private static List<String> tooLong(String name, String source) throws IOException {
        List<String> found = new ArrayList<>();
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of("-proc:none"), null, List.of(new Source(name, source)));
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        for (CompilationUnitTree unit : task.parse()) {
            new Methods(name, unit, positions, found).scan(unit, null);
        }
        return found;
    }

    private static final class Methods extends TreeScanner<Void, Void> {
        private final String name;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> found;

        Methods(String name, CompilationUnitTree unit, SourcePositions positions, List<String> found) {
            this.name = name;
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            // Counted from the return type on, so that annotations do not count.
            Tree start = Objects.requireNonNullElse(method.getReturnType(), method);
            long lines =
                    line(positions.getEndPosition(unit, method)) - line(positions.getStartPosition(unit, start)) + 1;
            if (lines > METHOD_LINES) {
                found.add(name + ": " + method.getName() + " has " + lines + " lines, at most " + METHOD_LINES);
            }
            return super.visitMethod(method, null);
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(position);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String source;

        Source(String name, String source) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.source = source;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }
    }
}
