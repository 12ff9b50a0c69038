package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.brigade.Outcome;
import dev.brigade.RemoteTaskException;
import dev.brigade.RunOptions;
import dev.brigade.TaskFunction;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.runner.ProcessRunner;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the claims of {@code docs/security.md}. */
@ParameterizedClass
@EnumSource(
        value = WorkerChannel.class,
        names = {"UNIX", "TCP"})
@Timeout(value = 2 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SecurityTest {
    private static final Path PROC = Path.of("/proc");
    private static final int HEADER_BYTES = 32;
    private static final byte HELLO = 20;
    private static final int MAX_STRANGERS = 256;

    @Parameter
    WorkerChannel channel;

    @TempDir
    Path directory;

    @BeforeEach
    void forget() {
        touched = false;
        release = new CountDownLatch(1);
        blocked = new CountDownLatch(1);
    }

    private ProcessRunner.Builder builder(int workers) {
        return ProcessRunner.builder().workers(workers).channel(channel);
    }

    // ---- the token

    /** The lines that a worker was told on stdin. */
    private record Told(String address, int number, String token) {}

    /** Returns a JDK with a {@code java} that records its stdin, and then passes it on to the real {@code java}. */
    private Path listeningJava() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        String told = "'" + directory + "'/told-$$";
        String script = "#!/bin/sh\ncat > " + told + "\nexec '" + java + "' \"$@\" < " + told + "\n";
        Path file = Files.writeString(bin.resolve("java"), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return directory;
    }

    private Told told(long pid) throws IOException {
        String text = Files.readString(directory.resolve("told-" + pid));
        return new Told(
                find("address=(.*)", text),
                Integer.parseInt(find("worker=(.*)", text)),
                find("token=([0-9a-f]{32})", text));
    }

    private static String find(String pattern, String text) {
        Matcher matcher =
                Pattern.compile("^" + pattern + "$", Pattern.MULTILINE).matcher(text);
        assertTrue(matcher.find(), () -> pattern + " in " + text);
        return matcher.group(1);
    }

    @Test
    void theTokenIsNowhereButOnStdin() throws Exception {
        try (PoolUnderTest pool =
                new PoolUnderTest(builder(1).javaHome(listeningJava()).maxTasksPerWorker(1))) {
            Set<String> tokens = new HashSet<>();
            for (int i = 0; i < 2; i++) {
                String go = directory.resolve("go-" + i).toString();
                String begun = directory.resolve("begun-" + i).toString();
                TaskFuture<Long> task = pool.runner.submit(() -> {
                    FaultActions.makeFile(begun);
                    FaultActions.awaitFile(go);
                    return ProcessHandle.current().pid();
                });
                FaultActions.awaitFile(begun);
                long pid = newest();
                Told told = told(pid);
                tokens.add(told.token());
                Path process = PROC.resolve("" + pid);
                String arguments = Files.readString(process.resolve("cmdline"), ISO_8859_1);
                assertFalse(arguments.contains(told.token()), arguments);
                assertEquals(3, arguments.split("\0").length, arguments); // java, a file of arguments, the main class
                String environment = Files.readString(process.resolve("environ"), ISO_8859_1);
                assertTrue(environment.contains("BRIGADE_WORKER="), environment);
                assertFalse(environment.contains(told.token()), environment);
                for (Path file : poolFiles()) {
                    assertFalse(Files.readString(file, ISO_8859_1).contains(told.token()), file::toString);
                }
                FaultActions.makeFile(go);
                assertEquals(pid, PoolUnderTest.get(task));
            }
            assertEquals(2, tokens.size(), "each worker has its own");
        }
    }

    /** Returns the process id of the worker that was told something and still runs. */
    private long newest() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("told-"))
                    .map(name -> Long.parseLong(name.substring("told-".length())))
                    .filter(pid -> ProcessHandle.of(pid).isPresent())
                    .filter(pid -> !dev.brigade.process.Leftovers.isGone(pid))
                    .max(Long::compare)
                    .orElseThrow();
        }
    }

    // ---- the socket and its directory

    private static List<Path> poolDirectories() throws IOException {
        String prefix = "brigade-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }

    /** Returns the regular files in the pools' directories. */
    private static List<Path> poolFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path pools : poolDirectories()) {
            try (Stream<Path> all = Files.list(pools)) {
                all.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        return files;
    }

    @Test
    void onlyTheUserMayEnterThePoolsDirectory() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1))) {
            pool.goesOn();
            List<Path> directories = poolDirectories();
            assertEquals(1, directories.size(), directories::toString);
            Path own = directories.get(0);
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
            assertEquals(Files.getOwner(Path.of("/proc/self")), Files.getOwner(own));
            assertEquals(channel == WorkerChannel.UNIX, Files.exists(own.resolve("s")), "the socket is in it");
        }
    }

    private static SocketChannel connect(String address) throws IOException {
        SocketAddress remote = address.startsWith("unix:")
                ? UnixDomainSocketAddress.of(address.substring("unix:".length()))
                : new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring("tcp:".length())));
        return SocketChannel.open(remote);
    }

    private static ByteBuffer hello(int worker, String token) {
        byte[] bytes = token.getBytes(US_ASCII);
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + bytes.length);
        frame.putShort((short) 0xB41D)
                .put((byte) 2)
                .put(HELLO)
                .putInt(bytes.length)
                .putInt(worker);
        return frame.position(HEADER_BYTES).put(bytes).flip();
    }

    private static void assertTurnedAway(String address, ByteBuffer words) throws IOException {
        try (SocketChannel stranger = connect(address)) {
            stranger.write(words);
            assertEquals(-1, readQuietly(stranger));
        }
    }

    /** Returns -1 for a reset as well: the other end may close before it has read everything, and then the stream is reset. */
    private static int readQuietly(SocketChannel stranger) {
        try {
            return stranger.read(ByteBuffer.allocate(1));
        } catch (IOException reset) {
            return -1;
        }
    }

    @Test
    void strangersAreTurnedAway() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).javaHome(listeningJava()))) {
            long pid = pool.pid();
            Told told = told(pid);
            try (SocketChannel silent = connect(told.address())) {
                assertTurnedAway(told.address(), hello(told.number(), "0".repeat(32)));
                assertTurnedAway(told.address(), hello(told.number() + 1, told.token()));
                assertTurnedAway(told.address(), hello(told.number(), ""));
                assertTurnedAway(
                        told.address(),
                        ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII)));
                pool.goesOn();
                assertTrue(silent.isOpen());
            }
            assertEquals(pid, pool.pid());
        }
    }

    @Test
    void strangersThatSayNothingAreLimited() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).javaHome(listeningJava()))) {
            long pid = pool.pid();
            List<SocketChannel> silent = new ArrayList<>();
            try {
                for (int i = 0; i < MAX_STRANGERS + 1; i++) {
                    silent.add(connect(told(pid).address()));
                }
                assertEquals(-1, readQuietly(silent.get(0)));
                pool.goesOn();
            } finally {
                for (SocketChannel one : silent) {
                    one.close();
                }
            }
            assertEquals(pid, pool.pid());
        }
    }

    @Test
    void aTokenOpensNothingTwice() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).javaHome(listeningJava()))) {
            long pid = pool.pid();
            Told told = told(pid);
            assertTurnedAway(told.address(), hello(told.number(), told.token()));
            pool.goesOn();
            assertEquals(pid, pool.pid());
        }
    }

    // ---- deserialization

    private static boolean touched;

    /** Has a side effect when it is deserialized, as the gadgets of attackers have. */
    private static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            touched = true;
        }
    }

    private static final class GadgetException extends Exception {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("unused") // transported with the exception
        private final Gadget gadget = new Gadget();
    }

    private static CountDownLatch release = new CountDownLatch(1);
    private static CountDownLatch blocked = new CountDownLatch(1);

    /** Blocks in its deserialization until {@code release}. */
    private static final class Blocker implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            blocked.countDown();
            Uninterruptibles.awaitUninterruptibly(release);
        }
    }

    @Test
    void aResultThatBlocksWhileItIsMadeHoldsUpNobodyElse() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1))) {
            TaskFuture<Blocker> future = pool.runner.submit(Blocker::new);
            Thread asking = new Thread(() -> Futures.getUnchecked(future));
            asking.start();
            assertTrue(blocked.await(WAIT_SECONDS, TimeUnit.SECONDS));
            pool.goesOn();
            assertTrue(asking.isAlive());
            release.countDown();
            asking.join();
        } finally {
            release.countDown();
        }
    }

    private static ObjectInputFilter noGadgets() {
        return ObjectInputFilter.Config.createFilter("!" + Gadget.class.getName());
    }

    @Test
    void whatTheResultFilterRejectsIsNotMade() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).resultFilter(noGadgets()))) {
            RemoteTaskException bare =
                    assertInstanceOf(RemoteTaskException.class, failureOf(pool.runner.submit(Gadget::new)));
            assertTrue(bare.getMessage().contains(Gadget.class.getName()), bare::getMessage);
            assertInstanceOf(
                    RemoteTaskException.class, failureOf(pool.runner.submit(() -> List.of(List.of(new Gadget())))));
            assertInstanceOf(RemoteTaskException.class, failureOf(pool.runner.submit(() -> {
                throw new GadgetException();
            })));
            assertFalse(touched);
            pool.goesOn();
        }
    }

    /** A filter is therefore needed if tasks are not trusted. */
    @Test
    void withoutAFilterResultsAreMadeOfWhateverTheClassPathHas() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1))) {
            assertInstanceOf(Gadget.class, pool.get(Gadget::new));
            assertTrue(touched);
        }
    }

    @Test
    void whatTheInputFilterRejectsIsNotMadeInTheWorker() throws Exception {
        String pattern = "!" + Gadget.class.getName();
        try (PoolUnderTest pool = new PoolUnderTest(builder(1).inputFilter(pattern))) {
            TaskFunction<Object, Boolean> function = input -> touched;
            List<Outcome<Object, Boolean>> outcomes =
                    pool.outcomes(List.of(new Gadget(), "harmless"), function, RunOptions.defaults());
            assertEquals(Outcome.State.FAILED, outcomes.get(0).state());
            String message = outcomes.get(0).exception().toString();
            assertTrue(message.contains(Gadget.class.getName()), message);
            assertEquals(false, outcomes.get(1).value(), "made all the same");
            Gadget captured = new Gadget();
            Throwable failure = failureOf(pool.runner.submit(captured::hashCode));
            assertNotEquals(null, failure);
            assertFalse(pool.get(() -> touched));
            pool.goesOn();
        }
    }

    // ---- the rights of tasks

    /** Workers are no sandbox: a task has the rights of the user. */
    @Test
    void tasksAreTheSameUserAndSeeTheirEnvironment() throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(1))) {
            assertEquals(
                    ProcessHandle.current().info().user(),
                    java.util.Optional.of(
                            pool.get(() -> ProcessHandle.current().info().user().orElseThrow())));
            assertEquals(System.getenv("PATH"), pool.get(() -> System.getenv("PATH")));
        }
    }
}
