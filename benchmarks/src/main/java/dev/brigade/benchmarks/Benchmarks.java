package dev.brigade.benchmarks;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures Brigade beside its peers, and writes what it found. */
@Command(
        name = "brigade-benchmarks",
        mixinStandardHelpOptions = true,
        description = "Measures Brigade beside its peers; writes tables and JSON, and says which bars are met.")
final class Benchmarks implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--short", description = "at most five minutes")
    private boolean brief;

    @Option(names = "--smoke", description = "only shows that everything works")
    private boolean smoke;

    @Option(names = "--only", paramLabel = "REGEX", description = "the comparisons to run (default: all)")
    private String only = ".*";

    @Option(names = "--list", description = "names the comparisons")
    private boolean list;

    @Option(
            names = "--python",
            paramLabel = "COMMAND",
            description = "the Python to measure (default: ${DEFAULT-VALUE})")
    private String python = "python3";

    @Option(names = "--out", paramLabel = "DIR", description = "where the tables go (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("docs");

    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmarks()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<Comparison> chosen = Comparisons.all().stream()
                .filter(comparison -> Pattern.matches(only, comparison.id()))
                .toList();
        PrintWriter console = new PrintWriter(System.out, true);
        if (list) {
            chosen.forEach(comparison -> console.println(comparison.id() + ": " + comparison.title()));
            return 0;
        }
        BenchmarkForm form = smoke ? BenchmarkForm.SMOKE : brief ? BenchmarkForm.SHORT : BenchmarkForm.LONG;
        Map<String, String> environment = RunEnvironment.look(commandLine(), python);
        Results results = new Results(run(chosen, form, console));
        List<Target.Finding> findings = Targets.all(Runtime.version().feature()).stream()
                .map(bar -> bar.lookAt(results))
                .toList();
        BenchmarkReport report = new BenchmarkReport(environment, results, findings);
        Files.createDirectories(out);
        Files.writeString(out.resolve("benchmarks.md"), report.markdown());
        Files.writeString(out.resolve("benchmarks.json"), report.json());
        console.println(Targets.table(findings));
        console.println("written to " + out.resolve("benchmarks.md") + " and benchmarks.json");
        return 0;
    }

    private List<ComparisonResult> run(List<Comparison> chosen, BenchmarkForm form, PrintWriter console)
            throws Exception {
        ComparisonLauncher launcher =
                new ComparisonLauncher(form, python, Files.createTempDirectory("brigade-benchmarks"));
        List<ComparisonResult> results = new ArrayList<>();
        for (Comparison comparison : chosen) {
            console.println("… " + comparison.id());
            ComparisonResult result = launcher.run(comparison);
            results.add(result);
            console.println(Tables.of(result));
        }
        return results;
    }

    private String commandLine() {
        String options = spec.commandLine().getParseResult().originalArgs().stream()
                .map(option -> option.matches("[\\w./:=+-]+") ? option : "'" + option + "'")
                .collect(Collectors.joining(" "));
        return "java -jar benchmarks/target/brigade-benchmarks.jar " + options;
    }
}
