package dev.brigade.benchmarks;

import java.nio.file.Path;

/** Runs one comparison. Arguments: its name, the form, the command of Python, the file for the samples. */
final class ComparisonMain {
    private ComparisonMain() {}

    public static void main(String[] args) {
        ComparisonContext bench = new ComparisonContext(BenchmarkForm.valueOf(args[1]), args[2], Path.of(args[3]));
        int status = 0;
        try {
            Comparisons.byId(args[0]).run(bench);
        } catch (Throwable t) {
            t.printStackTrace();
            status = 1;
        }
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(status); // some peers leave threads that would keep this process alive
    }
}
