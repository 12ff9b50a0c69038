package dev.brigade.examples;

import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.Runner;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of a file: the task of the lesson {@code digest}. */
final class Checksum {
    /** Begins the answer for a file that could not be read. */
    static final String UNREAD = "cannot read: ";

    private static final int SHOWN = 20;
    private static final int BUFFER_BYTES = 64 * 1024;

    private Checksum() {}

    /**
     * Reads one file. It is named by a URI because that can be sent to another process, with any bytes in its name; a
     * {@link Path} cannot be serialized.
     */
    static String ofFile(URI file) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The digest of each file, or why there is none: one bad file does not stop the others. */
    static List<String> ofAll(Runner runner, String name, List<URI> files) {
        String[] answers = new String[files.size()];
        try (StderrProgressBar bar = new StderrProgressBar(name, files.size());
                Outcomes<URI, String> outcomes = runner.mapOutcomes(files, Checksum::ofFile)) {
            for (Outcome<URI, String> outcome : outcomes) {
                answers[(int) outcome.index()] = outcome.isSuccess() ? outcome.value() : UNREAD + outcome.exception();
                bar.to(outcomes.progress().done());
            }
        }
        return Arrays.asList(answers);
    }

    /** Says which files and directories could not be read, and how many there are. */
    static int tellUnread(LessonReport report, FileTree tree, List<String> digests) {
        List<String> unread = new ArrayList<>();
        tree.unlisted().forEach(reason -> unread.add(UNREAD + reason));
        digests.stream().filter(digest -> digest.startsWith(UNREAD)).forEach(unread::add);
        unread.stream().limit(SHOWN).forEach(line -> report.say("  %s (the others go on)", line));
        if (unread.size() > SHOWN) {
            report.say("  ... and %,d more", unread.size() - SHOWN);
        }
        return unread.size();
    }
}
