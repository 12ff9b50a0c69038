package dev.brigade.stress;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;

/**
 * The result file of jcstress, read.
 *
 * @param environment Java system properties of the JVM that ran the tests
 * @param tests in the order of their names
 */
record Blob(Map<String, String> environment, List<Observed> tests) {
    /** Reads the result files in this directory as one; of a file cut short by a kill, what there is. */
    static Blob in(Path directory) throws IOException {
        List<Path> blobs;
        try (Stream<Path> files = Files.list(directory)) {
            blobs = files.filter(Blob::isBlob).toList();
        }
        List<TestResult> all = new ArrayList<>();
        for (Path blob : blobs) {
            all.addAll(read(blob));
        }
        return of(all);
    }

    static boolean isBlob(Path file) {
        return file.getFileName().toString().matches("jcstress-results-.*\\.bin\\.gz");
    }

    private static Collection<TestResult> read(Path file) throws IOException {
        InProcessCollector collector = new InProcessCollector();
        DiskReadCollector reader;
        try {
            reader = new DiskReadCollector(file.toString(), collector);
        } catch (EOFException e) {
            return List.of();
        }
        try {
            reader.dump();
        } catch (ClassNotFoundException e) {
            throw new IOException("Result file " + file + " is not from the jcstress in this jar", e);
        } finally {
            reader.close();
        }
        return collector.getTestResults();
    }

    private static Blob of(Collection<TestResult> all) {
        Map<String, String> environment = new TreeMap<>();
        all.stream()
                .findFirst()
                .ifPresent(one -> environment.putAll(one.getEnv().entries()));
        Map<String, List<TestResult>> byConfiguration =
                ReportUtils.mergedByConfig(all).stream().collect(Collectors.groupingBy(TestResult::getName));
        List<Observed> tests = new ArrayList<>();
        for (TestResult merged : ReportUtils.mergedByName(all)) {
            tests.add(observed(merged, byConfiguration.get(merged.getName())));
        }
        tests.sort(Comparator.comparing(Observed::name));
        return new Blob(environment, tests);
    }

    private static Observed observed(TestResult merged, List<TestResult> configurations) {
        List<Observed.Row> rows = rows(merged);
        long racy = configurations.stream().filter(Blob::showsRace).count();
        List<String> messages = new ArrayList<>(merged.getMessages());
        messages.addAll(merged.getVmErr());
        return new Observed(
                merged.getName(),
                merged.status(),
                ReportUtils.statusToPassed(merged) && merged.grading().isPassed,
                configurations.size(),
                (int) racy,
                rows,
                messages);
    }

    private static List<Observed.Row> rows(TestResult result) {
        return result.grading().gradingResults.values().stream()
                .map(row -> new Observed.Row(row.id, row.expect, row.count, row.description))
                .toList();
    }

    private static boolean showsRace(TestResult one) {
        return one.grading().gradingResults.values().stream().anyMatch(Blob::isRace);
    }

    private static boolean isRace(GradingResult outcome) {
        return outcome.count > 0 && outcome.expect != Expect.ACCEPTABLE;
    }
}
