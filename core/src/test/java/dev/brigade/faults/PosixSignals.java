package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Signals to other processes. */
final class PosixSignals {
    private PosixSignals() {}

    /** Sends a signal to a process, or to a group if {@code pid} is negative. After STOP, returns when the process has stopped. */
    static void send(String signal, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, "--", "" + pid).start();
        assertEquals(0, kill.waitFor(), () -> "kill -" + signal + " " + pid);
        if (signal.equals("STOP")) {
            PoolUnderTest.await("stop of process " + pid, () -> stateOf(pid) == 'T');
        }
    }

    private static char stateOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return 'X';
        }
    }
}
