package dev.brigade.benchmarks;

import dev.brigade.benchmarks.Target.Figure;
import java.util.List;

/** Brigade's targets, which hold on any machine: most are ratios to another figure of the same run. */
final class Targets {
    private static final double MICRO = 1_000;
    private static final double MEBI = 1 << 20;
    private static final String BRIGADE = PeerKind.BRIGADE.title();
    private static final String THREADS = "Brigade ThreadRunner";

    private Targets() {}

    static List<Target> all(int jdk) {
        return List.of(
                Target.ratio(
                        "submit + get in another process, all on one core: against the raw echo",
                        3,
                        new Figure("round-trip-pinned", "per task", BRIGADE),
                        new Figure("round-trip-pinned", "per task", PeerKind.ECHO.title())),
                Target.ratio(
                        "submit + get in another process, free: against Python's ProcessPoolExecutor",
                        0.5,
                        new Figure("round-trip", "per task", BRIGADE),
                        new Figure("round-trip", "per task", PeerKind.EXECUTOR.title())),
                Target.atMost(
                        "submit many to processes, then get, per task",
                        Unit.NANOS,
                        15 * MICRO,
                        new Figure("submit-many", "per task", BRIGADE)),
                map("first", 2.5),
                map("then", 1),
                Target.ratio(
                        "16 MiB to a worker, its length back: against raw slices",
                        1.5,
                        new Figure("payloads", "16 MiB to", BRIGADE),
                        new Figure("payloads", "16 MiB to", PeerKind.ECHO.title())),
                Target.ratio(
                        "two workers up, first results, closed: against two bare JVMs",
                        2.5,
                        new Figure("start", "start to closed", BRIGADE),
                        new Figure("start", "start to closed", "two bare JVMs")),
                Target.atMost(
                        "private memory of an idle worker",
                        Unit.BYTES,
                        (jdk < 25 ? 25 : 30) * MEBI,
                        new Figure("memory", "after 2 000 tasks", BRIGADE)),
                Target.ratio(
                        "ThreadRunner, 20 000 trivial tasks: against a ThreadPoolExecutor",
                        1.2,
                        new Figure("in-process", "20 000 trivial", THREADS),
                        new Figure("in-process", "20 000 trivial", "ThreadPoolExecutor")),
                Target.atLeast("computing on two threads", 1.9, new Figure("squares", "speed-up", THREADS)),
                Target.atLeast("computing in two processes", 1.9, new Figure("squares", "speed-up", BRIGADE)),
                lazy(THREADS),
                lazy(BRIGADE));
    }

    private static Target map(String when, double micros) {
        return Target.atMost(
                "map over 20 000 trivial inputs in processes, warm, per item (" + when + ")",
                Unit.NANOS,
                micros * MICRO,
                new Figure("map", "warm", BRIGADE));
    }

    /** Bounds the heap of a million inputs: it is that of a window of at most 4096 tasks, as for a hundred times fewer inputs. */
    private static Target lazy(String runner) {
        return Target.atMost(
                "live heap while a million lazy inputs pass, " + runner,
                Unit.BYTES,
                4 * MEBI,
                new Figure("lazy", "1 000 000 inputs", runner));
    }

    static String table(List<Target.Finding> findings) {
        StringBuilder text = new StringBuilder("## The bars\n\n");
        Tables.appendRow(text, "what", List.of("bar", "measured", ""));
        Tables.appendRow(text, "---", List.of("---:", "---:", "---"));
        for (Target.Finding finding : findings) {
            Tables.appendRow(
                    text,
                    finding.bar().text(),
                    List.of(finding.limit(), Tables.escaped(finding.shown()), finding.verdict().text));
        }
        return text.toString();
    }
}
