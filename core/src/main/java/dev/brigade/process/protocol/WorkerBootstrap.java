package dev.brigade.process.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The configuration that a worker needs before it has a connection. It comes on stdin, as {@code name=value} lines: others can read
 * arguments and environment, and the token is a secret. The end of stdin ends it, so tasks find an empty stdin.
 *
 * @param address the parent's address: {@code unix:} and a path, or {@code tcp:} and a port
 * @param progress the progress file
 * @param ring the file of the {@link ResultRing}; empty if all results take the socket
 * @param token proves to the parent that a connection is the worker's
 * @param worker the worker's number
 * @param parentPid the number of the parent's process
 * @param depth the worker's depth in nested pools, at least 1
 * @param maxPayloadBytes the limit on payloads
 * @param graceNanos the time that a cancelled body has
 * @param maxLiveHeapBytes the size of the live heap above which the worker retires; 0 for no limit
 * @param collectsAtOnce true if {@link System#gc()}, where it is not disabled, collects everything before it returns
 * @param inputFilter the pattern for objects that are decoded here; empty for the default
 * @param initialize true if an initializer follows
 * @param classes the places where tasks' classes are looked for, for the message about a missing class
 * @param properties system properties to set, by name
 */
public record WorkerBootstrap(
        String address,
        String progress,
        String ring,
        String token,
        int worker,
        long parentPid,
        int depth,
        int maxPayloadBytes,
        long graceNanos,
        long maxLiveHeapBytes,
        boolean collectsAtOnce,
        String inputFilter,
        boolean initialize,
        String classes,
        Map<String, String> properties) {

    private static final String PROTOCOL = "protocol";
    private static final String PROPERTY = "-D";

    public byte[] encode() {
        StringBuilder text = new StringBuilder();
        append(text, PROTOCOL, Frame.VERSION);
        append(text, "address", address);
        append(text, "progress", progress);
        append(text, "ring", ring);
        append(text, "token", token);
        append(text, "worker", worker);
        append(text, "parentPid", parentPid);
        append(text, "depth", depth);
        append(text, "maxPayloadBytes", maxPayloadBytes);
        append(text, "graceNanos", graceNanos);
        append(text, "maxLiveHeapBytes", maxLiveHeapBytes);
        append(text, "collectsAtOnce", collectsAtOnce);
        append(text, "inputFilter", inputFilter);
        append(text, "initialize", initialize);
        append(text, "classes", classes);
        properties.forEach((name, value) -> append(text, PROPERTY + name, value));
        return text.toString().getBytes(UTF_8);
    }

    /** Escapes line breaks, which a directory's name, a filter's pattern or a property may contain. */
    private static void append(StringBuilder text, String name, Object value) {
        text.append((name + '=' + value).replace("\\", "\\\\").replace("\n", "\\n"))
                .append('\n');
    }

    private static String unescape(String escaped) {
        if (escaped.indexOf('\\') < 0) {
            return escaped;
        }
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\') {
                i++;
                c = escaped.charAt(i) == 'n' ? '\n' : escaped.charAt(i);
            }
            value.append(c);
        }
        return value.toString();
    }

    public static WorkerBootstrap read(InputStream stdin) throws IOException {
        Map<String, String> values = values(readAll(stdin));
        requireVersion(value(values, PROTOCOL));
        return new WorkerBootstrap(
                value(values, "address"),
                value(values, "progress"),
                value(values, "ring"),
                value(values, "token"),
                Integer.parseInt(value(values, "worker")),
                Long.parseLong(value(values, "parentPid")),
                Integer.parseInt(value(values, "depth")),
                Integer.parseInt(value(values, "maxPayloadBytes")),
                Long.parseLong(value(values, "graceNanos")),
                Long.parseLong(value(values, "maxLiveHeapBytes")),
                Boolean.parseBoolean(value(values, "collectsAtOnce")),
                value(values, "inputFilter"),
                Boolean.parseBoolean(value(values, "initialize")),
                value(values, "classes"),
                properties(values));
    }

    private static Map<String, String> values(String text) throws IOException {
        Map<String, String> values = new HashMap<>();
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            String line = unescape(text.substring(from, end));
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new IOException("no name in line: " + line);
            }
            values.put(line.substring(0, equals), line.substring(equals + 1));
            from = end + 1;
        }
        return values;
    }

    private static Map<String, String> properties(Map<String, String> values) {
        Map<String, String> properties = new HashMap<>();
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (value.getKey().startsWith(PROPERTY)) {
                properties.put(value.getKey().substring(PROPERTY.length()), value.getValue());
            }
        }
        return properties;
    }

    /** Checks the version before any other value is read: another version may give the values another meaning. */
    private static void requireVersion(String parents) throws IOException {
        if (!parents.equals(Byte.toString(Frame.VERSION))) {
            throw new IOException("the parent speaks version " + parents + " of the protocol, this worker version "
                    + Frame.VERSION + ": its class path holds another version of Brigade than the parent's");
        }
    }

    /** Reads in a loop: on JDK 17, readAllBytes of a FileInputStream asks a pipe for its position, and fails. */
    private static String readAll(InputStream stdin) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        for (int count = stdin.read(buffer); count >= 0; count = stdin.read(buffer)) {
            all.write(buffer, 0, count);
        }
        return all.toString(UTF_8);
    }

    private static String value(Map<String, String> values, String name) throws IOException {
        String value = values.get(name);
        if (value == null) {
            throw new IOException("stdin holds no " + name + "; a worker is started by its pool only");
        }
        return value;
    }

    /** Keeps the token out of logs. */
    @Override
    public String toString() {
        return "WorkerBootstrap[worker=" + worker + ", address=" + address + "]";
    }
}
