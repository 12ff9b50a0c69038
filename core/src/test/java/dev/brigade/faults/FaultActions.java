package dev.brigade.faults;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Actions of faulty tasks. They are for workers only, unless a comment says otherwise. */
final class FaultActions {
    private static final Path IO = Path.of("/proc/self/io");

    private FaultActions() {}

    /** Starts a process that sends this process a signal as soon as {@link #trigger} tells it to. */
    static Process signaller(String signal) throws IOException {
        String kill =
                "read line; kill -" + signal + " " + ProcessHandle.current().pid();
        return new ProcessBuilder("sh", "-c", kill).start();
    }

    static void trigger(Process signaller) throws IOException {
        signaller.getOutputStream().write('\n');
        signaller.getOutputStream().flush();
    }

    /** Sends this process a signal. */
    static void raise(String signal) throws IOException {
        trigger(signaller(signal));
    }

    /** Has this process ignore a signal. */
    static void ignore(String signal) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object one = type.getConstructor(String.class).newInstance(signal);
        Object ignoring = handler.getField("SIG_IGN").get(null);
        type.getMethod("handle", type, handler).invoke(null, one, ignoring);
    }

    /** Ends this process as {@code kill -9} does. */
    static int die() throws IOException {
        raise("KILL");
        return spin();
    }

    /** Writes to address 0, in native code. */
    static int crash() throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        type.getMethod("putAddress", long.class, long.class).invoke(instance.get(null), 0L, 0L);
        return spin();
    }

    @SuppressWarnings("removal") // as faulty tasks do, on a JDK that allows it
    static void forbidEverything() {
        System.setSecurityManager(new SecurityManager() {
            @Override
            public void checkPermission(java.security.Permission permission) {
                throw new SecurityException("forbidden: " + permission);
            }
        });
    }

    static int spin() {
        int n = 0;
        while (System.nanoTime() != 0) {
            n++;
        }
        return n;
    }

    @SuppressWarnings("InfiniteRecursion") // the fault under test
    static int overflow(int depth) {
        return 1 + overflow(depth + 1);
    }

    /**
     * Prints at every depth, even with no stack left for it. With each deeper call the print overflows at an earlier point, and so at every
     * point, until not even the call itself is possible.
     */
    @SuppressWarnings("InfiniteRecursion") // the fault under test
    static int overflowPrinting(int depth) {
        try {
            System.out.println("deep");
            System.err.println("deep");
        } catch (StackOverflowError e) {
            // goes deeper
        }
        return 1 + overflowPrinting(depth + 1);
    }

    static int fillHeap() {
        List<byte[]> all = new ArrayList<>();
        while (!all.contains(null)) { // never true, but keeps the list in use
            all.add(new byte[1 << 20]);
        }
        return all.size();
    }

    static int fillDirectMemory() {
        List<ByteBuffer> all = new ArrayList<>();
        while (!all.contains(null)) { // as above
            all.add(ByteBuffer.allocateDirect(1 << 20));
        }
        return all.size();
    }

    /** Defines classes that live as long as this one's loader. */
    static int fillMetaspace() throws IOException, IllegalAccessException {
        byte[] bytes;
        try (InputStream in = FaultActions.class.getResourceAsStream("FaultActions.class")) {
            bytes = in.readAllBytes();
        }
        int count = 0;
        while (System.nanoTime() != 0) {
            MethodHandles.lookup().defineHiddenClass(bytes, false, MethodHandles.Lookup.ClassOption.STRONG);
            count++;
        }
        return count;
    }

    /** Waits for ever, and ignores every interrupt. */
    static int ignoreInterrupts() {
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                // as faulty tasks do
            }
        }
    }

    @SuppressWarnings("CatchingUnchecked") // as faulty tasks do
    static int swallowEverything() {
        while (true) {
            try {
                Thread.sleep(1);
                spinFor(Duration.ofMillis(1));
            } catch (Throwable ignored) {
                // as faulty tasks do
            }
        }
    }

    private static void spinFor(Duration time) {
        long untilNanos = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - untilNanos < 0) {
            Thread.onSpinWait();
        }
    }

    /** Deadlocks this thread with another one: each holds a lock and waits for the other's. */
    static int deadlock() throws InterruptedException {
        Object one = new Object();
        Object two = new Object();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch both = new CountDownLatch(2);
        Thread other = new Thread(() -> lockBoth(two, one, both, held), "other half");
        other.setDaemon(true);
        other.start();
        lockBoth(one, two, both, held);
        return 0;
    }

    private static void lockBoth(Object first, Object second, CountDownLatch both, CountDownLatch unused) {
        synchronized (first) {
            both.countDown();
            Uninterruptibles.awaitUninterruptibly(both); // a deadline may come before the other thread has begun
            synchronized (second) {
                unused.countDown();
            }
        }
    }

    /** Waits for another process's output, in a system call that no interrupt ends. */
    static int blockInNativeCode() throws IOException {
        Process silent = new ProcessBuilder("sleep", "300").start();
        return silent.getInputStream().read();
    }

    /** Kills this process as soon as it has written (or read) the given number of bytes more than now. */
    static void dieAfter(String counter, long bytes) throws IOException {
        Process signaller = signaller("KILL");
        long limit = count(counter) + bytes;
        Thread watch = new Thread(() -> triggerAt(signaller, counter, limit));
        watch.setDaemon(true);
        watch.start();
    }

    private static void triggerAt(Process signaller, String counter, long limit) {
        while (count(counter) < limit) {
            Thread.onSpinWait();
        }
        try {
            trigger(signaller);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns one of the operating system's counters of this process: {@code wchar} is bytes written, {@code rchar} bytes read. */
    static long count(String counter) {
        try {
            for (String line : Files.readAllLines(IO)) {
                if (line.startsWith(counter + ": ")) {
                    return Long.parseLong(line.substring(counter.length() + 2));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("no " + counter + " in " + IO);
    }

    /** Waits until a file exists. For any process. */
    static void awaitFile(String name) throws InterruptedException {
        while (!Files.exists(Path.of(name))) {
            Thread.sleep(1);
        }
    }

    /** Creates a file, which tells other processes that this point has been reached. For any process. */
    static void makeFile(String name) throws IOException {
        Files.createFile(Path.of(name));
    }
}
