package dev.brigade.stress;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Runs stress tests, checks that the run tested something, and shows the result.
 *
 * <pre>
 * java -jar stress-tests.jar run --test CounterRace.Plain     one test by name, or any regular expression
 * java -jar stress-tests.jar run --form smoke                 all tests of a form: smoke, quick or full
 * java -jar stress-tests.jar report DIRECTORY                 renders report.html and report.md again
 * java -jar stress-tests.jar list                             the names of all tests
 * </pre>
 *
 * <p>{@code --out DIRECTORY} says where results go (it is emptied first), {@code --deadline SECONDS} when a run is taken
 * for hung; what follows {@code --} goes to jcstress as it is. The exit code is 0 when every check passed, 1 when one
 * failed, 2 for a wrong command and 3 when nothing could be tested.
 */
public final class Stress {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int SKIPPED = 3;

    private String filter = "";
    private StressForm form = StressForm.QUICK;
    private Path out = Path.of("target", "stress", "run");
    private long deadlineSeconds;
    private final List<String> extra = new ArrayList<>();

    private Stress() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Deque<String> words = new ArrayDeque<>(List.of(args));
        String command = words.isEmpty() ? "" : words.poll();
        try {
            System.exit(new Stress().command(command, words));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE);
        }
    }

    private int command(String command, Deque<String> words) throws IOException, InterruptedException {
        switch (command) {
            case "run":
                options(words);
                return run();
            case "report":
                Path directory = Path.of(operand(words, "report DIRECTORY"));
                StressReport.write(directory);
                System.out.println(
                        directory.resolve(StressReport.HTML) + "\n" + directory.resolve(StressReport.MARKDOWN));
                return 0;
            case "list":
                Selection.of(StressForm.FULL, "").names().forEach(System.out::println);
                return 0;
            default:
                throw new IllegalArgumentException("Expected run, report or list, got \"" + command + "\"");
        }
    }

    private void options(Deque<String> words) {
        while (!words.isEmpty()) {
            String word = words.poll();
            switch (word) {
                case "--test" -> filter = operand(words, word);
                case "--form" -> form = StressForm.of(operand(words, word));
                case "--out" -> out = Path.of(operand(words, word));
                case "--deadline" -> deadlineSeconds = Long.parseLong(operand(words, word));
                case "--" -> {
                    extra.addAll(words);
                    words.clear();
                }
                default -> throw new IllegalArgumentException("Unknown option \"" + word + "\"");
            }
        }
    }

    private static String operand(Deque<String> words, String option) {
        String operand = words.poll();
        if (operand == null) {
            throw new IllegalArgumentException("A value is missing: " + option);
        }
        return operand;
    }

    private int run() throws IOException, InterruptedException {
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors < 2) {
            System.out.println("SKIPPED: a race needs two processors to show, and this JVM sees " + processors
                    + ". Nothing was tested.");
            return SKIPPED;
        }
        Duration deadline = deadlineSeconds > 0 ? Duration.ofSeconds(deadlineSeconds) : form.deadline();
        List<Verdict> verdicts = new Run(form, filter, out).run(deadline, extra);
        System.out.println(StressReport.text(out));
        verdicts.stream()
                .filter(verdict -> !verdict.passed())
                .map(verdict -> "FAILED " + verdict.name() + ": " + String.join("; ", verdict.reasons()))
                .forEach(System.out::println);
        long failed = verdicts.stream().filter(verdict -> !verdict.passed()).count();
        System.out.println((failed == 0 ? "Every check passed: " : failed + " checks failed: ") + (verdicts.size() - 1)
                + " tests. Report: " + out.resolve(StressReport.HTML));
        return failed == 0 ? 0 : FAILED;
    }
}
