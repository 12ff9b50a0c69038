package dev.brigade.process.worker;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Whether more than so much lives on a worker's heap.
 *
 * <p>Design note: what is in use is an upper bound and costs nothing. Past it, a collection decides, and not too often. The JVM's
 * options may make {@link System#gc()} do nothing, or return before all is collected. The JVM's census of the heap collects
 * whatever the options say, and counts only what lives. It takes the management classes, which take long to load: the default
 * collector is asked first, and another one not at all, since the census would follow with a second collection.
 */
final class LiveHeapLimit {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String NAME = "com.sun.management:type=DiagnosticCommand";
    private static final long UNKNOWN = -1;

    private final long maxBytes;

    /** The collector is the default one, which returns from {@link System#gc()} when it has collected everything. */
    private final boolean collectsAtOnce;

    private long againAtNanos = System.nanoTime();

    LiveHeapLimit(long maxBytes, boolean collectsAtOnce) {
        this.maxBytes = maxBytes;
        this.collectsAtOnce = collectsAtOnce;
    }

    /** Whether it is known to be over the limit. Between two bodies, so that what the last one used does not count. */
    boolean isOver() {
        if (usedBytes() <= maxBytes || System.nanoTime() - againAtNanos < 0) {
            return false;
        }
        boolean over = collectsAtOnce ? isOverCollected() : census() > maxBytes;
        againAtNanos = System.nanoTime() + AGAIN_NANOS;
        return over;
    }

    private boolean isOverCollected() {
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        System.gc();
        return usedBytes() > maxBytes && (garbage.refersTo(null) || census() > maxBytes);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** How much lives; {@value #UNKNOWN} where the JVM does not tell. */
    private static long census() {
        try {
            Object[] liveOnly = {new String[0]};
            String[] types = {String[].class.getName()};
            String text = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(new ObjectName(NAME), "gcClassHistogram", liveOnly, types);
            return total(text);
        } catch (JMException | RuntimeException | LinkageError e) {
            return UNKNOWN; // a JDK without the module jdk.management, or another JVM
        }
    }

    /** The last line is {@code Total}, the instances, the bytes. */
    static long total(String histogram) {
        int at = histogram.lastIndexOf("Total");
        String[] words = at < 0 ? new String[0] : histogram.substring(at).trim().split("\\s+", -1);
        return words.length < 3 ? UNKNOWN : Long.parseLong(words[2]);
    }
}
