package dev.brigade.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** One of Python's pools, in a Python process that measures by itself. */
final class PythonPeer implements Peer {
    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader replies;
    private final Path script;

    PythonPeer(String python, String kind, int workers) throws IOException {
        script = Files.createTempFile("brigade-bench", ".py");
        try (InputStream source = PythonPeer.class.getResourceAsStream("peer.py")) {
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
        }
        process = start(python, kind, workers);
        requests = process.outputWriter(StandardCharsets.UTF_8);
        replies = process.inputReader(StandardCharsets.UTF_8);
        readReply();
    }

    private Process start(String python, String kind, int workers) {
        try {
            return new ProcessBuilder(python, script.toString(), kind, Integer.toString(workers))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException("there is no Python: " + python + " cannot be started");
        }
    }

    @Override
    public double[] measure(Operation op, long n) throws IOException {
        requests.write(op.word() + " " + n + "\n");
        requests.flush();
        return readReply();
    }

    private double[] readReply() throws IOException {
        String line = replies.readLine();
        if (line == null) {
            throw new IOException("Python has ended");
        }
        if (!line.startsWith("ok")) {
            throw new IOException(line.substring(line.indexOf(' ') + 1));
        }
        return Arrays.stream(line.split(" "))
                .skip(1)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        requests.close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.toHandle().destroyForcibly();
        }
        Files.deleteIfExists(script);
    }
}
