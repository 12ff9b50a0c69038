package outside;

import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.ThreadRunner;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/** Maps on threads and in processes; exits with 1 when an answer is wrong or comes from the wrong process. */
final class Main {
    /** A class of this project: the workers must find it too. */
    record Square(long root, long value, long pid) implements Serializable {}

    private static final List<Long> INPUTS = LongStream.range(0, 100).boxed().toList();

    public static void main(String[] arguments) throws Exception {
        System.out.println(Runner.class.getModule() + ", JDK " + Runtime.version());
        long here = ProcessHandle.current().pid();
        try (Runner threads = ThreadRunner.of(2)) {
            Set<Long> pids = squares(threads);
            check(pids.equals(Set.of(here)), "threads of process " + here + " answered as " + pids);
        }
        try (Runner processes = ProcessRunner.of(2)) {
            Set<Long> pids = squares(processes);
            check(!pids.contains(here) && pids.size() <= 2, "two workers of " + here + " answered as " + pids);
        }
        System.out.println("OK");
    }

    private static Set<Long> squares(Runner runner) throws Exception {
        long offset = INPUTS.get(0); // captured, so that the function has a state to transport
        TaskFunction<Long, Square> square = root ->
                new Square(root, root * root + offset, ProcessHandle.current().pid());
        List<Square> squares = runner.map(INPUTS, square);
        Set<Long> pids = new HashSet<>();
        for (int i = 0; i < INPUTS.size(); i++) {
            Square answer = squares.get(i);
            check(answer.root() == i && answer.value() == (long) i * i, "the square of " + i + " is " + answer);
            pids.add(answer.pid());
        }
        check(squares.size() == INPUTS.size(), INPUTS.size() + " inputs gave " + squares.size() + " results");
        return pids;
    }

    private static void check(boolean right, String message) {
        if (!right) {
            throw new AssertionError(message);
        }
    }
}
