package dev.brigade.faults;

import static dev.brigade.faults.PoolUnderTest.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RemoteTaskException;
import dev.brigade.RunOptions;
import dev.brigade.TaskFuture;
import dev.brigade.TaskTimeoutException;
import dev.brigade.WorkerChannel;
import dev.brigade.WorkerLostException;
import dev.brigade.WorkerLostException.Reason;
import dev.brigade.runner.ProcessRunner;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A parent JVM that runs short of some resource, run by {@link ParentJvm}. It exits with 0 if everything went as expected. */
final class ParentAtALimit {
    /** Time for which a shortage may hold up a task; then the test ends the shortage. */
    private static final long PATIENCE_MILLIS = 2000;

    /** A limited resource. */
    private interface Scarce {
        /** Takes one unit; returns false if none is left. */
        boolean take() throws IOException;

        /** Gives one unit back. */
        void giveBack() throws IOException;

        default void takeAllBut(int count) throws IOException {
            while (take()) {
                // until none is left
            }
            for (int i = 0; i < count; i++) {
                giveBack();
            }
        }

        void giveAllBack() throws IOException;
    }

    private ParentAtALimit() {}

    /** Takes the scarce resource, the channel, and for {@code its JDK} the JDK's directory. */
    public static void main(String[] arguments) throws Exception {
        WorkerChannel channel = WorkerChannel.valueOf(arguments[1]);
        switch (arguments[0]) {
            case "nothing" -> work(channel);
            // The numbers of units left let a process's start fail at different points.
            case "descriptors" -> need(new Descriptors(), channel, 0, 3, 5, 7, 9, 11, 13, 15, 17);
            case "threads" -> need(new Threads(), channel, 0, 2, 6, 14);
            case "space" -> need(new Space(), channel, 0, 2, 4);
            case "directory" -> needDirectory(channel);
            case "a writable directory" -> assertTrue(refused(channel).contains("/proc"), "names it");
            case "a short path" -> needShortPath(channel);
            case "a capability" -> needCapability(channel);
            case "its working directory" -> needWorkingDirectory(channel);
            case "heap" -> needHeap(channel);
            case "its JDK" -> needJdk(channel, Path.of(arguments[2]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0);
    }

    private static ProcessRunner.Builder builder(WorkerChannel channel) {
        return ProcessRunner.builder().workers(1).channel(channel).maxHeapBytes(64 << 20);
    }

    /** The second worker must be started from the same directory as the first one. */
    private static void needCapability(WorkerChannel channel) throws Exception {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel))) {
            pool.goesOn();
            List<String> before =
                    List.of(Objects.requireNonNull(temporary.toFile().list()));
            pool.lost(() -> {
                Runtime.getRuntime().halt(4);
                return null;
            });
            pool.goesOn();
            assertEquals(
                    before, List.of(Objects.requireNonNull(temporary.toFile().list())), "the pool's directory");
        }
    }

    private static void needWorkingDirectory(WorkerChannel channel) throws Exception {
        work(channel);
        Path gone = Path.of(System.getProperty("user.dir"));
        Files.delete(gone);
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel))) {
            String said = neverReady(pool).getMessage();
            assertTrue(said.contains("workingDirectory") && said.contains(gone.toString()), said);
        }
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel).workingDirectory(Path.of("/")))) {
            pool.goesOn();
        }
    }

    private static void work(WorkerChannel channel) throws Exception {
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel).workers(2))) {
            pool.goesOn();
            assertEquals(
                    4,
                    pool.lost(() -> {
                                Runtime.getRuntime().halt(4);
                                return null;
                            })
                            .exitCode()
                            .orElseThrow());
        }
    }

    /** During a shortage of a resource a task succeeds, or its failure says why. After the shortage everything works. */
    private static void need(Scarce what, WorkerChannel channel, int... left) throws Exception {
        // Everything is done once without a shortage, since without a descriptor no class can be loaded.
        work(channel);
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel).javaHome(Path.of("/nowhere")))) {
            neverReady(pool);
        }
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel))) {
            failsOrNot(pool, new Nothing(), 0);
            timesOut(pool, new Nothing());
        }
        int failures = 0;
        for (int count : left) {
            try (PoolUnderTest cold = new PoolUnderTest(builder(channel))) {
                failures += failsOrNot(cold, what, count) ? 1 : 0;
                cold.goesOn();
            }
        }
        assertTrue(failures > 0, "it was never needed");
        try (PoolUnderTest warm = new PoolUnderTest(builder(channel))) {
            warm.goesOn();
            losesItsWorkerUnbegun(warm, what);
            warm.goesOn();
            ProcessHandle.of(warm.pid()).orElseThrow().destroyForcibly();
            failsOrNot(warm, what, 0);
            warm.goesOn();
            timesOut(warm, what);
            warm.goesOn();
        }
    }

    /** Lets a task time out, and so be killed, during the shortage. */
    private static void timesOut(PoolUnderTest pool, Scarce what) throws Exception {
        RunOptions limited =
                RunOptions.builder().taskTimeout(Duration.ofMillis(300)).build();
        TaskFuture<Integer> endless = pool.runner.submit(() -> FaultActions.spin(), limited);
        what.takeAllBut(0);
        try {
            endless.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // The kill may take until the shortage is over, and no longer.
        } finally {
            what.giveAllBack();
        }
        Throwable late = failureOf(endless);
        assertInstanceOf(TaskTimeoutException.class, late, late::toString);
    }

    /** Sends a task to a worker that dies before the body begins. The pool must see even then that it had not begun. */
    private static void losesItsWorkerUnbegun(PoolUnderTest pool, Scarce what) throws Exception {
        long pid = pool.pid();
        PosixSignals.send("STOP", pid);
        Process killer = new ProcessBuilder("sh", "-c", "read go; kill -KILL " + pid).start();
        try (OutputStream go = killer.getOutputStream()) {
            TaskFuture<Integer> future = pool.runner.submit(() -> 1);
            what.takeAllBut(0);
            go.write('\n');
            go.flush();
            failsOrNot(future, what);
        }
    }

    private static boolean failsOrNot(PoolUnderTest pool, Scarce what, int count) throws Exception {
        what.takeAllBut(count);
        return failsOrNot(pool.runner.submit(() -> 1), what);
    }

    private static boolean failsOrNot(TaskFuture<Integer> future, Scarce what) throws Exception {
        boolean failed = false;
        try {
            try {
                future.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                what.giveAllBack();
                PoolUnderTest.get(future);
            }
        } catch (ExecutionException e) {
            failed = true;
            WorkerLostException lost = assertInstanceOf(WorkerLostException.class, e.getCause(), () -> "" + e);
            assertEquals(Reason.NEVER_READY, lost.reason(), lost::getMessage);
            assertTrue(lost.getCause() != null || !lost.stderr().isEmpty(), () -> "it does not say why: " + lost);
        } finally {
            what.giveAllBack();
        }
        return failed;
    }

    private static final class Nothing implements Scarce {
        @Override
        public boolean take() {
            return false;
        }

        @Override
        public void giveBack() {}

        @Override
        public void giveAllBack() {}
    }

    private static final class Descriptors implements Scarce {
        private final Deque<InputStream> open = new ArrayDeque<>();

        @Override
        public boolean take() {
            try {
                open.add(new FileInputStream("/dev/null"));
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void giveBack() throws IOException {
            try (InputStream own = open.remove()) {
                assertEquals(-1, own.read(), "nobody else has closed it");
            }
        }

        @Override
        public void giveAllBack() throws IOException {
            while (!open.isEmpty()) {
                giveBack();
            }
        }
    }

    /** To the operating system a thread is a process. */
    private static final class Threads implements Scarce {
        private record Idler(Thread thread, CountDownLatch end) {}

        private final Deque<Idler> idlers = new ArrayDeque<>();

        @Override
        public boolean take() {
            CountDownLatch end = new CountDownLatch(1);
            Thread thread = new Thread(null, () -> awaitQuietly(end), "idler", 128 * 1024);
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) {
                return false;
            }
            idlers.add(new Idler(thread, end));
            return true;
        }

        private static void awaitQuietly(CountDownLatch end) {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void giveBack() throws IOException {
            Idler idler = idlers.remove();
            idler.end().countDown();
            try {
                idler.thread().join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void giveAllBack() throws IOException {
            while (!idlers.isEmpty()) {
                giveBack();
            }
        }
    }

    /** Space on the file system of the temporary files, in pages. */
    private static final class Space implements Scarce {
        private static final int PAGE = 4096;
        private final Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        private final Deque<Path> files = new ArrayDeque<>();
        private int number;

        @Override
        public boolean take() throws IOException {
            Path file = directory.resolve("filler-" + number++);
            files.push(file);
            try (OutputStream out = Files.newOutputStream(file)) {
                out.write(new byte[PAGE]);
                return true;
            } catch (IOException e) {
                giveBack();
                return false;
            }
        }

        @Override
        public void giveBack() throws IOException {
            Files.deleteIfExists(files.pop());
        }

        @Override
        public void giveAllBack() throws IOException {
            while (!files.isEmpty()) {
                giveBack();
            }
        }
    }

    /** The heap of this JVM takes 256 MiB. */
    private static void needHeap(WorkerChannel channel) throws Exception {
        ProcessRunner.Builder large = builder(channel).maxHeapBytes(1L << 30).maxPayloadBytes(1L << 30);
        try (PoolUnderTest pool = new PoolUnderTest(large)) {
            pool.goesOn();
            long pid = pool.pid();
            String heap = "(its heap: " + Runtime.getRuntime().maxMemory() + " bytes at most)";
            String never = lostResult(pool, 400 << 20);
            assertTrue(never.contains("the result takes " + (400 << 20) + " bytes") && never.contains(heap), never);
            assertTrue(never.contains("-Xmx") && never.contains("maxPayloadBytes"), never);
            byte[] held = new byte[150 << 20];
            String notNow = lostResult(pool, 130 << 20);
            assertTrue(notNow.contains("the result takes " + (130 << 20) + " bytes"), notNow);
            // The result arrives, but the object that is decoded from it does not fit beside it.
            String notMade = assertInstanceOf(
                            RemoteTaskException.class, pool.failure(() -> new Object[] {new byte[60 << 20]}))
                    .getMessage();
            assertTrue(notMade.contains("OutOfMemoryError"), notMade);
            assertEquals(150 << 20, held.length);
            held = null;
            assertEquals(60 << 20, pool.get(() -> new byte[60 << 20]).length);
            assertEquals(pid, pool.pid(), "the worker has stayed");
        }
    }

    private static String lostResult(PoolUnderTest pool, int bytes) throws Exception {
        return assertInstanceOf(RemoteTaskException.class, pool.failure(() -> new byte[bytes]))
                .getMessage();
    }

    private static void needDirectory(WorkerChannel channel) throws Exception {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel))) {
            Files.delete(directory);
            WorkerLostException lost = neverReady(pool);
            assertTrue(("" + lost.getCause()).contains(directory.toString()), "" + lost.getCause());
            Files.createDirectory(directory);
            pool.goesOn();
        }
    }

    private static String refused(WorkerChannel channel) {
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel))) {
            neverReady(pool);
            // The next task fails as well, and does not hang.
            return "" + neverReady(pool).getCause();
        }
    }

    private static WorkerLostException neverReady(PoolUnderTest pool) {
        WorkerLostException lost = assertInstanceOf(WorkerLostException.class, failureOf(pool.runner.submit(() -> 1)));
        assertEquals(Reason.NEVER_READY, lost.reason(), lost::getMessage);
        return lost;
    }

    private static void needShortPath(WorkerChannel channel) throws Exception {
        if (channel == WorkerChannel.UNIX) {
            String why = refused(channel);
            assertTrue(why.contains("bytes, the limit is 100 bytes; choose a shorter java.io.tmpdir"), why);
            // AUTO chooses another channel.
            work(WorkerChannel.AUTO);
        } else {
            work(channel);
        }
    }

    /** Moves this JVM's own JDK away while its workers run, and back again. */
    private static void needJdk(WorkerChannel channel, Path jdk) throws Exception {
        work(channel);
        Path gone = jdk.resolveSibling("gone");
        try (PoolUnderTest pool = new PoolUnderTest(builder(channel).grace(Duration.ofSeconds(5)))) {
            pool.goesOn();
            Files.move(jdk, gone);
            try {
                pool.goesOn();
                assertEquals(7, haltOf(pool).exitCode().orElseThrow());
                WorkerLostException lost = neverReady(pool);
                assertTrue(lost.getCause() instanceof IOException, () -> "" + lost.getCause());
            } finally {
                Files.move(gone, jdk);
            }
            pool.goesOn();
        }
    }

    private static WorkerLostException haltOf(PoolUnderTest pool) {
        return assertInstanceOf(WorkerLostException.class, failureOf(pool.runner.submit(() -> {
            Runtime.getRuntime().halt(7);
            return 1;
        })));
    }

    /** Loads all classes from a directory in its jar that the {@code java} command does not search. */
    static final class FromInside extends ClassLoader {
        static final String INSIDE = "BOOT-INF/classes/";

        private FromInside() {
            super(ClassLoader.getPlatformClassLoader());
        }

        /** Takes the path of a jar with the same classes, in places that the {@code java} command does search. */
        public static void main(String[] arguments) throws Exception {
            ClassLoader inside = new FromInside();
            Thread.currentThread().setContextClassLoader(inside);
            inside.loadClass("dev.brigade.faults.LaunchFaultsTest$Inside")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
            System.exit(0);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String entry = INSIDE + name.replace('.', '/') + ".class";
            try (InputStream in = FromInside.class.getClassLoader().getResourceAsStream(entry)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
