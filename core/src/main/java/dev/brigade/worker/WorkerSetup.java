package dev.brigade.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * What a worker must know before it has a channel. It comes on stdin, as {@code name=value} lines: arguments and environment can
 * be read by others, and the token is a secret. The end of stdin ends it, and so the tasks find an empty stdin.
 *
 * @param address where the parent listens: {@code unix:} and a path, or {@code tcp:} and a port
 * @param logbook the file for what the worker is at
 * @param ring the file of the {@link ResultRing}; empty when all results take the socket
 * @param token proves to the parent who connects
 * @param worker the worker's number
 * @param parentPid the parent
 * @param maxPayloadBytes the cap on payloads
 * @param graceNanos how long a cancelled body has
 * @param maxLiveHeapBytes the live heap from which on the worker retires; 0 for no limit
 * @param inputFilter the pattern for what is decoded here; empty for the default
 * @param initialize whether an initializer follows
 */
record WorkerSetup(
        String address,
        String logbook,
        String ring,
        String token,
        int worker,
        long parentPid,
        int maxPayloadBytes,
        long graceNanos,
        long maxLiveHeapBytes,
        String inputFilter,
        boolean initialize) {

    private static final String PROTOCOL = "protocol";

    byte[] encode() {
        return (PROTOCOL + "=" + Frame.VERSION + "\naddress=" + address + "\nlogbook=" + logbook + "\nring=" + ring
                        + "\ntoken=" + token
                        + "\nworker=" + worker
                        + "\nparentPid=" + parentPid
                        + "\nmaxPayloadBytes=" + maxPayloadBytes
                        + "\ngraceNanos="
                        + graceNanos + "\nmaxLiveHeapBytes=" + maxLiveHeapBytes + "\ninputFilter=" + inputFilter
                        + "\ninitialize=" + initialize + "\n")
                .getBytes(UTF_8);
    }

    static WorkerSetup read(InputStream stdin) throws IOException {
        Map<String, String> values = new HashMap<>();
        String text = readAll(stdin);
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            int equals = text.indexOf('=', from);
            if (equals < 0 || equals > end) {
                throw new IOException("no name in line: " + text.substring(from, end));
            }
            values.put(text.substring(from, equals), text.substring(equals + 1, end));
            from = end + 1;
        }
        requireVersion(value(values, PROTOCOL));
        return new WorkerSetup(
                value(values, "address"),
                value(values, "logbook"),
                value(values, "ring"),
                value(values, "token"),
                Integer.parseInt(value(values, "worker")),
                Long.parseLong(value(values, "parentPid")),
                Integer.parseInt(value(values, "maxPayloadBytes")),
                Long.parseLong(value(values, "graceNanos")),
                Long.parseLong(value(values, "maxLiveHeapBytes")),
                value(values, "inputFilter"),
                Boolean.parseBoolean(value(values, "initialize")));
    }

    /** Before anything else: whatever follows may have another meaning there. */
    private static void requireVersion(String parents) throws IOException {
        if (!parents.equals(Byte.toString(Frame.VERSION))) {
            throw new IOException("the parent speaks version " + parents + " of the protocol, this worker version "
                    + Frame.VERSION + ": its class path holds another version of Brigade than the parent's");
        }
    }

    /** Not readAllBytes: on JDK 17 a FileInputStream asks a pipe for its position there, and fails. */
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
        return "WorkerSetup[worker=" + worker + ", address=" + address + "]";
    }
}
