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

/** What bad tasks do; for the inside of workers only, unless it says otherwise. */
final class FaultActions {
    private static final Path IO = Path.of("/proc/self/io");

    private FaultActions() {}

    /** Has this process sent a signal, as soon as the returned process is told to. */
    static Process gun(String signal) throws IOException {
        String kill =
                "read line; kill -" + signal + " " + ProcessHandle.current().pid();
        return new ProcessBuilder("sh", "-c", kill).start();
    }

    static void fire(Process gun) throws IOException {
        gun.getOutputStream().write('\n');
        gun.getOutputStream().flush();
    }

    /** Sends this process a signal. */
    static void raise(String signal) throws IOException {
        fire(gun(signal));
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

    /** Writes where nobody may, in native code. */
    static int crash() throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        type.getMethod("putAddress", long.class, long.class).invoke(instance.get(null), 0L, 0L);
        return spin();
    }

    @SuppressWarnings("removal") // as bad tasks do, while they can
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
     * Prints at every depth, also where there is no stack left for it: with each call it fails a little earlier on its way out,
     * and so everywhere on it, until not even the call itself is possible.
     */
    @SuppressWarnings("InfiniteRecursion") // the fault under test
    static int overflowPrinting(int depth) {
        try {
            System.out.println("deep");
            System.err.println("deep");
        } catch (StackOverflowError e) {
            // further down
        }
        return 1 + overflowPrinting(depth + 1);
    }

    static int fillHeap() {
        List<byte[]> all = new ArrayList<>();
        while (!all.contains(null)) { // never true, and looked at, so that the list is kept
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

    /** Waits for what never comes, and ignores every interrupt. */
    static int ignoreInterrupts() {
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                // as bad tasks do
            }
        }
    }

    @SuppressWarnings("CatchingUnchecked") // as bad tasks do
    static int swallowEverything() {
        while (true) {
            try {
                Thread.sleep(1);
                spinFor(Duration.ofMillis(1));
            } catch (Throwable ignored) {
                // as bad tasks do
            }
        }
    }

    private static void spinFor(Duration time) {
        long untilNanos = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - untilNanos < 0) {
            Thread.onSpinWait();
        }
    }

    /** Two threads that wait for each other's lock; this one for ever. */
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
            Uninterruptibles.awaitUninterruptibly(both); // a deadline may come before the other half has begun
            synchronized (second) {
                unused.countDown();
            }
        }
    }

    /** Waits in a system call for another process's output, which no interrupt ends. */
    static int blockInNativeCode() throws IOException {
        Process silent = new ProcessBuilder("sleep", "300").start();
        return silent.getInputStream().read();
    }

    /** Dies as soon as this process has written (or read) so many bytes more than now. */
    static void dieAfter(String counter, long bytes) throws IOException {
        Process gun = gun("KILL");
        long limit = count(counter) + bytes;
        Thread watch = new Thread(() -> fireAt(gun, counter, limit));
        watch.setDaemon(true);
        watch.start();
    }

    private static void fireAt(Process gun, String counter, long limit) {
        while (count(counter) < limit) {
            Thread.onSpinWait();
        }
        try {
            fire(gun);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the operating system counts of this process, whichever: {@code wchar} is bytes written, {@code rchar} bytes read. */
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

    /** Waits, in any process, until the file is there. */
    static void awaitFile(String name) throws InterruptedException {
        while (!Files.exists(Path.of(name))) {
            Thread.sleep(1);
        }
    }

    /** Tells other processes that this has been reached. */
    static void makeFile(String name) throws IOException {
        Files.createFile(Path.of(name));
    }
}
