package dev.brigade.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.base.Splitter;
import dev.brigade.Runner;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.runner.ProcessRunner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Another process that has a pool and is about to end badly: the {@link #main} of that process, and the test's handle of it. */
final class ParentUnderTest implements AutoCloseable {
    private static final int WORKERS = 2;
    private static final String READY = "ready";

    private final Process process;
    private final BufferedReader out;

    /** The ids of its workers' processes, and of the processes that their tasks have started. */
    private final Set<Long> processes = new TreeSet<>();

    /** Starts the process, in a process group of its own. Returns when its workers are ready, and busy if {@code busy}. */
    ParentUnderTest(WorkerChannel channel, boolean busy, Path directory) throws IOException {
        process = new ProcessBuilder(
                        "setsid",
                        "env",
                        "--default-signal", // a build in the background may ignore Ctrl-C, and children inherit that
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + directory,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParentUnderTest.class.getName(),
                        channel.name(),
                        busy ? directory.toString() : "")
                .redirectErrorStream(true)
                .start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        processes.addAll(readNumbers());
        assertEquals(busy ? 3 * WORKERS : WORKERS, processes.size());
    }

    private List<Long> readNumbers() throws IOException {
        List<Long> numbers = new ArrayList<>();
        String line = out.readLine();
        while (!READY.equals(line)) {
            numbers.add(Long.parseLong(String.valueOf(line)));
            line = out.readLine();
        }
        return numbers;
    }

    long pid() {
        return process.pid();
    }

    Set<Long> processes() {
        return processes;
    }

    /** Sends the process a command, as {@link #main} describes. */
    void tell(String what) throws IOException {
        process.getOutputStream().write((what + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /** Returns the ids of its workers' processes, as they are now. */
    Set<Long> askForWorkers() throws IOException {
        tell("workers");
        return new TreeSet<>(readNumbers());
    }

    /** Waits for its end, and returns its exit code. */
    int awaitExit() throws InterruptedException {
        assertEquals(true, process.waitFor(PoolUnderTest.WAIT_SECONDS, TimeUnit.SECONDS), "the parent has ended");
        return process.exitValue();
    }

    /** Returns the rest of its output. */
    List<String> remainingOutput() {
        return out.lines().toList();
    }

    @Override
    public void close() throws IOException {
        process.toHandle().destroyForcibly();
        processes.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        out.close();
    }

    // ---- in the other process

    /**
     * Opens a pool, prints the ids of its processes, and obeys commands on stdin until that ends. {@code exit} and {@code halt} end this
     * process; {@code workers} prints the ids of the workers again.
     *
     * @param arguments the channel; and a directory if the workers are to be busy, else an empty string
     */
    @SuppressWarnings("MustBeClosedChecker") // the point
    public static void main(String[] arguments) throws Exception {
        Runner runner = ProcessRunner.builder()
                .workers(WORKERS)
                .channel(WorkerChannel.valueOf(arguments[0]))
                .build();
        workersOf(runner).forEach(System.out::println);
        if (!arguments[1].isEmpty()) {
            beBusy(runner, arguments[1]).forEach(System.out::println);
        }
        System.out.println(READY);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            obey(order, runner);
        }
        Runtime.getRuntime().halt(1);
    }

    private static void obey(String order, Runner runner) throws Exception {
        switch (order) {
            case "exit" -> System.exit(0);
            case "halt" -> Runtime.getRuntime().halt(0);
            default -> {
                workersOf(runner).forEach(System.out::println);
                System.out.println(READY);
            }
        }
    }

    private static Set<Long> workersOf(Runner runner) throws Exception {
        Set<Long> pids = new TreeSet<>();
        while (pids.size() < WORKERS) {
            pids.clear();
            pids.addAll(runner.map(PoolUnderTest.numbers(2 * WORKERS), n -> {
                Thread.sleep(5);
                return ProcessHandle.current().pid();
            }));
        }
        return pids;
    }

    /** Makes each worker start a child and an orphaned process, and then loop for ever. Returns the ids of those processes. */
    private static List<Long> beBusy(Runner runner, String directory) throws Exception {
        List<Long> pids = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Path file = Path.of(directory, "child-" + i);
            String name = file.toString();
            TaskFuture<Integer> endless = runner.submit(() -> {
                long pid = new ProcessBuilder("sleep", "300").start().pid();
                String daemon = "setsid sleep 300 & echo $! >" + name + ".daemon";
                new ProcessBuilder("sh", "-c", daemon).start().waitFor();
                Files.writeString(Path.of(name + ".new"), pid + " " + Files.readString(Path.of(name + ".daemon")));
                Files.move(Path.of(name + ".new"), Path.of(name));
                return FaultActions.spin();
            });
            FaultActions.awaitFile(name);
            assertEquals(false, endless.isDone());
            for (String pid : Splitter.on(' ').split(Files.readString(file).trim())) {
                pids.add(Long.parseLong(pid));
            }
            Files.delete(file);
        }
        return pids;
    }
}
