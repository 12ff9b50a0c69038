package dev.brigade.process.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads what a worker's process writes to its own stdout and stderr, past the standard streams of Java: native code, the JVM's
 * warnings, its last words. Line by line, a long one in pieces.
 */
public final class ProcessOutputReader implements Runnable {
    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final Charset CHARSET = charset();

    private final OutputPipe pipe;
    private final Consumer<String> lines;
    private final Runnable end;
    private byte[] line = new byte[256];
    private int length;

    public ProcessOutputReader(OutputPipe pipe, Consumer<String> lines, Runnable end) {
        this.pipe = pipe;
        this.lines = lines;
        this.end = end;
    }

    private static Charset charset() {
        String name = System.getProperty("native.encoding");
        return name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
    }

    @Override
    public void run() {
        try {
            pipe.open();
            read();
        } catch (IOException e) {
            // The process has ended, and perhaps somebody else holds the pipe.
        } finally {
            pipe.end();
            end.run();
        }
    }

    private void read() throws IOException {
        byte[] buffer = new byte[OutputPipe.MAX_READ_BYTES];
        try {
            for (int count = pipe.read(buffer); count >= 0; count = pipe.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    add(buffer[i]);
                }
            }
        } finally {
            if (length > 0) {
                sendLine();
            }
        }
    }

    private void add(byte b) {
        if (b == '\n') {
            sendLine();
        } else if (length == MAX_LINE_BYTES) {
            sendPiece();
        }
        if (b != '\n') {
            if (length == line.length) {
                line = Arrays.copyOf(line, 2 * length);
            }
            line[length++] = b;
        }
    }

    private void sendPiece() {
        int half = CHARSET.equals(UTF_8) ? Utf8.incompleteBytes(line, length) : 0;
        byte[] rest = Arrays.copyOfRange(line, length - half, length);
        length -= half;
        sendLine();
        System.arraycopy(rest, 0, line, 0, half);
        length = half;
    }

    private void sendLine() {
        int count = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        lines.accept(new String(line, 0, count, CHARSET));
        length = 0;
    }
}
