package dev.brigade.timeline;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/** Chromium without a window, as it is found on the PATH: each call is a process of its own, with a profile of its own. */
final class Browser {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final long PATIENCE_SECONDS = 120;

    private final Path directory;
    private int calls;

    Browser(Path directory) {
        this.directory = directory;
    }

    /** What a page has become once its scripts have run, and what the browser had to say meanwhile. */
    record LoadedPage(String dom, List<String> console) {}

    LoadedPage open(Path page, int width, int height) throws Exception {
        Path out = run(List.of(
                "--dump-dom",
                "--window-size=" + width + "," + height,
                page.toUri().toString()));
        List<String> console = Files.readAllLines(out.resolveSibling(out.getFileName() + ".err")).stream()
                .filter(line -> line.contains("CONSOLE"))
                .toList();
        return new LoadedPage(Files.readString(out), console);
    }

    void screenshot(Path page, int width, int height, boolean dark, Path picture) throws Exception {
        run(List.of(
                "--hide-scrollbars",
                "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
                "--window-size=" + width + "," + height,
                "--screenshot=" + picture.toAbsolutePath(),
                page.toUri().toString()));
    }

    private Path run(List<String> arguments) throws Exception {
        Path out = directory.resolve("out-" + ++calls);
        List<String> command = new ArrayList<>(List.of(
                executable(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--enable-logging=stderr",
                "--v=0",
                "--user-data-dir=" + directory.resolve("profile-" + calls)));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(directory.resolve("out-" + calls + ".err").toFile())
                .start();
        try {
            Assertions.assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the browser does not end");
        } finally {
            try (Stream<ProcessHandle> helpers = process.descendants()) {
                helpers.forEach(ProcessHandle::destroyForcibly);
            }
            process.destroyForcibly();
        }
        Assertions.assertEquals(0, process.exitValue(), Files.readString(directory.resolve("out-" + calls + ".err")));
        return out;
    }

    private static String executable() throws IOException {
        for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
            for (String name : NAMES) {
                Path file = Path.of(directory, name);
                if (Files.isExecutable(file)) {
                    return file.toString();
                }
            }
        }
        throw new IOException(
                "no browser: none of " + NAMES + " is on the PATH; this test installs nothing, so install one");
    }
}
