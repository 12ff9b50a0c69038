package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.WAIT_SECONDS;
import static dev.brigade.faults.PoolUnderTest.await;
import static dev.brigade.faults.PoolUnderTest.awaitEnd;
import static dev.brigade.faults.PoolUnderTest.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import dev.brigade.Task;
import dev.brigade.TaskFuture;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.process.HostileWorker;
import dev.brigade.runner.ProcessRunner;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests of everything that may keep a worker from getting ready, from a missing {@code java} to a full disk, and of odd set-ups that must
 * work.
 */
@ParameterizedClass
@EnumSource(
        value = WorkerChannel.class,
        names = {"UNIX", "TCP"})
@Timeout(value = 5 * WAIT_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StartUpFaultsTest {
    /** Long enough for a real worker on a busy machine. */
    private static final Duration START_TIMEOUT = Duration.ofSeconds(6);

    private static final int NOT_READY = 89;

    @Parameter
    WorkerChannel channel;

    @TempDir
    Path directory;

    private ProcessRunner.Builder builder() {
        return ProcessRunner.builder()
                .workers(1)
                .channel(channel)
                .grace(Duration.ofMillis(200))
                .maxHeapBytes(64 << 20);
    }

    private static WorkerLostException neverReady(PoolUnderTest pool) {
        TaskFuture<Integer> one = pool.runner.submit(() -> 1);
        TaskFuture<Integer> two = pool.runner.submit(() -> 2);
        WorkerLostException first = assertInstanceOf(WorkerLostException.class, failureOf(one));
        Throwable second = failureOf(two);
        assertNotSame(first, second);
        assertEquals(Reason.NEVER_READY, first.reason(), first::getMessage);
        assertEquals(
                Reason.NEVER_READY,
                assertInstanceOf(WorkerLostException.class, second).reason());
        return first;
    }

    /** Opens a pool with options that stay faulty; asserts that each task fails and says why. */
    private WorkerLostException hopeless(ProcessRunner.Builder builder) {
        try (PoolUnderTest pool = new PoolUnderTest(builder)) {
            WorkerLostException lost = neverReady(pool);
            assertEquals(lost.exitCode(), neverReady(pool).exitCode());
            return lost;
        }
    }

    /** Opens a pool with a fault that goes away; asserts that the runner then goes on. */
    private WorkerLostException untilMended(String fault) throws Exception {
        ScriptedJavaHome home = ScriptedJavaHome.broken(directory, fault);
        try (PoolUnderTest pool = new PoolUnderTest(builder().javaHome(home.directory))) {
            WorkerLostException lost = neverReady(pool);
            home.mend();
            pool.goesOn();
            return lost;
        }
    }

    private static void assertSays(WorkerLostException lost, String what) {
        assertTrue(lost.getMessage().contains(what), lost::getMessage);
    }

    // ---- The command

    @Test
    void aMissingJavaIsNamedAndMissedOnlyWhileItIsNotThere() throws Exception {
        Path home = directory.resolve("none yet");
        try (PoolUnderTest pool = new PoolUnderTest(builder().javaHome(home))) {
            WorkerLostException lost = neverReady(pool);
            assertTrue(lost.exitCode().isEmpty());
            assertSays(lost, "could not be started");
            assertSays(lost, "javaHome");
            assertTrue(
                    lost.getCause()
                            .getMessage()
                            .contains(home.resolve("bin/java").toString()),
                    "" + lost.getCause());
            ScriptedJavaHome.before(home, "");
            pool.goesOn();
        }
    }

    @Test
    void aWorkingDirectoryThatIsGoneIsNamedAndMissedOnlyWhileItIs() throws Exception {
        Path gone = directory.resolve("gone");
        try (PoolUnderTest pool = new PoolUnderTest(builder().workingDirectory(gone))) {
            WorkerLostException lost = neverReady(pool);
            assertSays(lost, gone.toString());
            assertSays(lost, "workingDirectory");
            Files.writeString(gone, "a file");
            assertSays(neverReady(pool), "workingDirectory");
            Files.delete(gone);
            Files.createDirectory(gone);
            pool.goesOn();
        }
    }

    @Test
    void aProgramWhoseOwnWorkingDirectoryIsGoneSaysWhatToSet() throws Exception {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        new ParentJvm(directory).in(gone).run(ParentAtALimit.class, "its working directory", channel.name());
    }

    /** After a {@code chroot} the table of mounts does not list the root. */
    @Test
    void aRootOfItsOwnIsNoFault() throws Exception {
        Path root = Files.createDirectories(directory.resolve("root"));
        // The directories that are needed are mounts there; the temporary directory is not.
        String mounts = "for d in /*; do n=\"$0$d\";"
                + " if [ -L \"$d\" ]; then ln -sfn \"$(readlink \"$d\")\" \"$n\";"
                + " elif [ -d \"$d\" ]; then mkdir -p \"$n\" && mount --rbind \"$d\" \"$n\"; fi; done;"
                + " mkdir -p \"$0/own\" && exec chroot \"$0\" \"$@\"";
        List<String> under = List.of("unshare", "-rm", "sh", "-c", mounts, root.toString());
        assumeTrue(succeeds(under, ScriptedJavaHome.TRUE_JAVA.toString(), "-version"), "a root of its own is needed");
        new ParentJvm(directory)
                .under(under.toArray(String[]::new))
                .options("-Djava.io.tmpdir=/own")
                .run(ParentAtALimit.class, "nothing", channel.name());
    }

    @Test
    void anUnknownFlagIsNamed() {
        WorkerLostException lost = hopeless(builder().jvmArgs("-XX:+NoSuchFlag"));
        assertSays(lost, "NoSuchFlag");
        assertEquals(1, lost.exitCode().orElseThrow());
    }

    @Test
    void aHeapLargerThanTheMachineIsNamed() {
        assertSays(hopeless(builder().maxHeapBytes(1L << 60)), "object heap");
        // A size that the JVM accepts, but that the machine does not have.
        assertSays(hopeless(builder().maxHeapBytes(1L << 45).jvmArgs("-Xms" + (1L << 45))), "emory");
    }

    @Test
    void aMissingMainClassIsNamedWithWhatToSet() {
        WorkerLostException lost = hopeless(builder().classPath(List.of(directory)));
        assertSays(lost, "dev.brigade.process.worker.WorkerMain");
        assertSays(lost, "set ProcessRunner.builder().classPath(");
    }

    @Test
    void aWorkerThatDiesBeforeItConnectsIsToldWithItsLastWords() throws Exception {
        WorkerLostException lost = untilMended("echo 'last words' >&2; exit 42");
        assertEquals(42, lost.exitCode().orElseThrow());
        assertEquals(List.of("last words"), lost.stderr());
        assertSays(lost, "exited with code 42");
        assertSays(lost, "last words");
    }

    /** Three workers are stuck, each in another way; all starts have the same time-out. */
    @Test
    void workersThatAreStuckBeforeTheyAreReadyAreKilled() throws Exception {
        String mended = directory.resolve("mended").toString();
        String neverConnects = "mkdir \"$home/one\" 2>/dev/null && exec sleep 300";
        String saysNothing = "mkdir \"$home/two\" 2>/dev/null && "
                + StreamFaultsTest.hostile(HostileWorker.Misbehaviour.SAYS_NOTHING);
        Task<?> hangs = () -> {
            FaultActions.awaitFile(mended);
            return 1;
        };
        ScriptedJavaHome home = ScriptedJavaHome.broken(directory, neverConnects + "\n" + saysNothing);
        try (PoolUnderTest pool = new PoolUnderTest(
                builder().workers(3).javaHome(home.directory).initializer(hangs).startTimeout(START_TIMEOUT))) {
            List<TaskFuture<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(pool.runner.submit(() -> 1));
            }
            for (TaskFuture<Integer> one : all) {
                WorkerLostException lost = assertInstanceOf(WorkerLostException.class, failureOf(one));
                assertEquals(Reason.NEVER_READY, lost.reason());
                assertSays(lost, "was killed, because it was not ready within " + START_TIMEOUT);
            }
            home.mend();
            pool.goesOn();
        }
    }

    // ---- Connections

    @Test
    void aWorkerWithAWrongTokenIsTurnedAway() throws Exception {
        WorkerLostException lost = untilMended(StreamFaultsTest.hostile(HostileWorker.Misbehaviour.GUESSES_ITS_TOKEN));
        assertSays(lost, "turned away");
    }

    @Test
    void aFirstFrameOfAnotherVersionIsTurnedAway() throws Exception {
        WorkerLostException lost =
                untilMended(StreamFaultsTest.hostile(HostileWorker.Misbehaviour.SPEAKS_ANOTHER_VERSION));
        assertSays(lost, "turned away");
    }

    @Test
    void aWorkerOfAnotherVersionSaysWhatIsWrong() throws Exception {
        WorkerLostException lost =
                untilMended("sed 's/^protocol=.*/protocol=77/' > \"$home/$$\"; exec \"$java\" \"$@\" < \"$home/$$\"");
        assertEquals(NOT_READY, lost.exitCode().orElseThrow(), lost::getMessage);
        assertSays(lost, "the parent speaks version 77 of the protocol, this worker version 2");
    }

    @Test
    void unknownConnectionsCostNoWorkerItsSlot() throws Exception {
        ScriptedJavaHome home = ScriptedJavaHome.before(directory, """
                        cat > "$home/new"; mv "$home/new" "$home/setup"
                        while [ ! -e "$home/go" ]; do sleep 0.01; done
                        exec < "$home/setup\"""");
        try (PoolUnderTest pool = new PoolUnderTest(builder().javaHome(home.directory))) {
            TaskFuture<Long> first =
                    pool.runner.submit(() -> ProcessHandle.current().pid());
            await(() -> Files.exists(home.file("setup")));
            Map<String, String> setup = read(home.file("setup"));
            String token = setup.get("token");
            int number = Integer.parseInt(setup.get("worker"));
            try (SocketChannel silent = connect(setup)) {
                String wrong = (token.charAt(0) == '0' ? '1' : '0') + token.substring(1);
                assertTurnedAway(setup, HostileWorker.hello(number, wrong));
                assertTurnedAway(setup, HostileWorker.hello(number, ""));
                assertTurnedAway(setup, HostileWorker.hello(number + 1, token));
                assertTurnedAway(setup, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                assertTurnedAway(setup, HostileWorker.hello(number, "x".repeat(1 << 16)));
                assertFalse(first.isDone());
                Files.createFile(home.file("go"));
                long pid = PoolUnderTest.get(first);
                // The slot is taken, so even the right token is refused.
                assertTurnedAway(setup, HostileWorker.hello(number, token));
                assertEquals(pid, pool.pid());
                assertIsSecret(token, pid);
                pool.goesOn();
                assertTrue(silent.isOpen());
            }
        }
    }

    private static Map<String, String> read(Path setup) throws Exception {
        Map<String, String> values = new TreeMap<>();
        for (String line : Files.readAllLines(setup)) {
            values.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        return values;
    }

    private SocketChannel connect(Map<String, String> setup) throws Exception {
        String address = setup.get("address");
        String where = address.substring(address.indexOf(':') + 1);
        boolean unix = channel == WorkerChannel.UNIX;
        assertEquals(unix ? "unix" : "tcp", address.substring(0, address.indexOf(':')));
        SocketChannel connection = unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        connection.connect(
                unix
                        ? UnixDomainSocketAddress.of(where)
                        : new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(where)));
        return connection;
    }

    /** Asserts that the connection is closed; only the class's time-out limits the wait. */
    private void assertTurnedAway(Map<String, String> setup, byte[] says) throws Exception {
        try (SocketChannel stranger = connect(setup)) {
            stranger.write(ByteBuffer.wrap(says));
            try {
                assertEquals(-1, stranger.read(ByteBuffer.allocate(1)));
            } catch (java.io.IOException reset) {
                // The stranger had sent more than was read.
                assertTrue(reset.getMessage().contains("reset"), reset::toString);
            }
        }
    }

    /**
     * Asserts that the token is neither in the arguments nor in the environment, which others can read. No other user may enter the
     * socket's directory either.
     */
    private static void assertIsSecret(String token, long pid) throws Exception {
        for (String file : new String[] {"cmdline", "environ"}) {
            assertFalse(Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1)
                    .contains(token));
        }
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            List<Path> own = all.filter(file -> file.getFileName()
                            .toString()
                            .startsWith("brigade-" + ProcessHandle.current().pid() + "-"))
                    .toList();
            assertFalse(own.isEmpty());
            for (Path one : own) {
                assertEquals(
                        "rwx------",
                        java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(one)));
            }
        }
    }

    // ---- The initializer

    /** Opens a pool with an initializer that fails until there is a file; asserts that the runner then goes on. */
    private WorkerLostException untilInitialized(Task<?> fault) throws Exception {
        String mended = directory.resolve("mended").toString();
        Task<?> initializer = () -> Files.exists(Path.of(mended)) ? 1 : fault.call();
        try (PoolUnderTest pool =
                new PoolUnderTest(builder().grace(PoolUnderTest.WAIT).initializer(initializer))) {
            WorkerLostException lost = neverReady(pool);
            FaultActions.makeFile(mended);
            pool.goesOn();
            return lost;
        }
    }

    @Test
    void anInitializerThatThrowsIsTold() throws Exception {
        WorkerLostException lost = untilInitialized(() -> {
            throw new IllegalStateException("no licence");
        });
        assertEquals(NOT_READY, lost.exitCode().orElseThrow(), lost::getMessage);
        assertSays(lost, "the initializer failed:");
        assertSays(lost, "java.lang.IllegalStateException: no licence");
    }

    @Test
    void anInitializerThatExitsIsToldWithItsCode() throws Exception {
        WorkerLostException lost = untilInitialized(() -> {
            System.err.println("no use");
            System.exit(6);
            return 1;
        });
        assertEquals(6, lost.exitCode().orElseThrow(), lost::getMessage);
        assertSays(lost, "no use");
    }

    // ---- The class path

    @Test
    void theClassPathMayBeLongAndHaveSpacesQuotesAndDirectories() throws Exception {
        Path odd = Files.createDirectory(directory.resolve("a \"b\" 'c' \\ $d #e %f"));
        List<Path> classPath = new ArrayList<>();
        // Longer than any command line may be: 128 KiB for an argument on Linux, 32 KiB in total on Windows.
        for (int i = 0; i < 2000; i++) {
            classPath.add(odd.resolve("missing".repeat(20) + i + ".jar"));
        }
        int number = 0;
        for (String entry : Splitter.on(File.pathSeparatorChar).split(System.getProperty("java.class.path"))) {
            String end = entry.endsWith(".jar") ? ".jar" : "";
            Path link = odd.resolve("entry " + number++ + end);
            classPath.add(Files.createSymbolicLink(link, Path.of(entry).toAbsolutePath()));
        }
        try (PoolUnderTest pool = new PoolUnderTest(builder().classPath(classPath))) {
            pool.goesOn();
            assertTrue(pool.get(() -> System.getProperty("java.class.path")).contains(odd.toString()));
        }
    }

    // ---- Replacements

    /** One of two workers cannot be replaced; meanwhile the other one does all the work. */
    @Test
    void aReplacementThatCannotBeStartedCostsOnlyItsHelp() throws Exception {
        ScriptedJavaHome first = ScriptedJavaHome.before(directory.resolve("first"), "");
        Path link = Files.createSymbolicLink(directory.resolve("jdk"), first.directory);
        try (PoolUnderTest pool = new PoolUnderTest(builder().workers(2).javaHome(link))) {
            pool.bothWorkers(); // the other one does the work
            Files.delete(link);
            WorkerLostException lost = pool.lost(() -> {
                Runtime.getRuntime().halt(4);
                return null;
            });
            assertEquals(4, lost.exitCode().orElseThrow());
            pool.goesOn();
        }
    }

    @Test
    void aJdkThatIsReplacedByABrokenOneIsToldAndLeavesRunningTasksAlone() throws Exception {
        ScriptedJavaHome first = ScriptedJavaHome.before(directory.resolve("first"), "");
        ScriptedJavaHome broken =
                ScriptedJavaHome.broken(directory.resolve("second"), "echo 'no libjava.so' >&2; exit 6");
        Path link = Files.createSymbolicLink(directory.resolve("jdk"), first.directory);
        String go = directory.resolve("go").toString();
        try (PoolUnderTest pool = new PoolUnderTest(builder().javaHome(link))) {
            long pid = pool.pid();
            TaskFuture<Integer> running = pool.runner.submit(() -> {
                FaultActions.awaitFile(go);
                return 5;
            });
            Files.delete(link);
            Files.createSymbolicLink(link, broken.directory);
            FaultActions.makeFile(go);
            assertEquals(5, PoolUnderTest.get(running));
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            awaitEnd(pid);
            WorkerLostException lost = neverReady(pool);
            assertEquals(6, lost.exitCode().orElseThrow(), lost::getMessage);
            assertSays(lost, "no libjava.so");
            broken.mend();
            pool.goesOn();
        }
    }

    // ---- The machine's limits, in a parent of their own

    @Test
    void theLimitOfDescriptorsIsToldAndEndedWithoutALoss() throws Exception {
        new ParentJvm(directory)
                .under("sh", "-c", "ulimit -n 150; exec \"$@\"", "sh")
                .run(ParentAtALimit.class, "descriptors", channel.name());
    }

    /** To the operating system a thread is a process. The superuser has no such limit, so the parent runs as another user. */
    @Test
    void theLimitOfProcessesIsToldAndEndedWithoutALoss() throws Exception {
        List<String> under = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            under.addAll(asAnotherUser());
        }
        List<String> limit = List.of("prlimit", "--nproc=" + (threadsOfThisUser() + 150));
        under.addAll(limit);
        assumeTrue(succeeds(under, "true"), "setpriv and prlimit are needed");
        new ParentJvm(directory)
                .under(under.toArray(String[]::new))
                .run(ParentAtALimit.class, "threads", channel.name());
    }

    /** A service that does not run as root may have this: access(2) denies files that the service can open. */
    @Test
    void aUserWhomOnlyACapabilityLetsInKeepsItsDirectory() throws Exception {
        List<String> under = asAnotherUser();
        assumeTrue(succeeds(under, "true"), "setpriv is needed, and root");
        new ParentJvm(directory)
                .under(under.toArray(String[]::new))
                .run(ParentAtALimit.class, "a capability", channel.name());
    }

    /**
     * Returns a prefix that runs a command as another user. File modes keep that user out of others' files, but a capability lets it in.
     */
    private static List<String> asAnotherUser() {
        String uid = "" + (100_000 + ProcessHandle.current().pid() % 100_000);
        String caps = "+dac_override";
        return List.of("setpriv", "--reuid", uid, "--clear-groups", "--inh-caps", caps, "--ambient-caps", caps);
    }

    private static long threadsOfThisUser() throws Exception {
        if ("root".equals(System.getProperty("user.name"))) {
            return 0;
        }
        Process count = new ProcessBuilder("sh", "-c", "ps -L -u \"$(id -u)\" -o lwp= | wc -l").start();
        return Long.parseLong(new String(count.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim());
    }

    private static boolean succeeds(List<String> prefix, String... command) throws Exception {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command));
        try {
            Process process = new ProcessBuilder(all)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Test
    void aFullTemporaryDirectoryIsToldAndMissedOnlyWhileItIsFull() throws Exception {
        Path small = Files.createDirectory(directory.resolve("small"));
        List<String> under = List.of(
                "unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=256k none '" + small + "' && exec \"$@\"", "sh");
        assumeTrue(succeeds(under, "true"), "a file system of its own is needed");
        new ParentJvm(directory)
                .under(under.toArray(String[]::new))
                .temporary(small)
                .run(ParentAtALimit.class, "space", channel.name());
    }

    @Test
    void aMissingTemporaryDirectoryIsNamed() throws Exception {
        new ParentJvm(directory).run(ParentAtALimit.class, "directory", channel.name());
    }

    @Test
    void aTemporaryDirectoryThatIsNotWritableIsNamed() throws Exception {
        // Even the superuser may make no files there.
        new ParentJvm(directory)
                .temporary(Path.of("/proc"))
                .run(ParentAtALimit.class, "a writable directory", channel.name());
    }

    @Test
    void aSocketPathThatIsTooLongIsNamedOrAvoided() throws Exception {
        Path far = Files.createDirectories(directory.resolve("far/".repeat(5) + "x".repeat(100)));
        new ParentJvm(directory).temporary(far).run(ParentAtALimit.class, "a short path", channel.name());
    }
}
