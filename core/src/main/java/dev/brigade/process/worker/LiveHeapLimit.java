package dev.brigade.process.worker;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Checks if a worker's live heap is larger than a limit.
 *
 * <p>Design note: the used heap is an upper bound of the live heap, and costs nothing to read. If it is over the limit, a collection
 * decides, at most once a second. The JVM's options may make {@link System#gc()} do nothing, or return before everything is collected. The
 * JVM's class histogram collects whatever the options are, and counts live objects only. Its disadvantage is the management classes, which
 * take long to load. So with the default collector {@link System#gc()} comes first. With another collector it is left out, because the
 * histogram would follow with a second collection.
 */
final class LiveHeapLimit {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String NAME = "com.sun.management:type=DiagnosticCommand";
    private static final long UNKNOWN = -1;

    private final long maxBytes;

    /** True if the collector is the default one, which has collected everything when {@link System#gc()} returns. */
    private final boolean collectsAtOnce;

    private long againAtNanos = System.nanoTime();

    LiveHeapLimit(long maxBytes, boolean collectsAtOnce) {
        this.maxBytes = maxBytes;
        this.collectsAtOnce = collectsAtOnce;
    }

    /**
     * Returns true if the live heap is known to be over the limit. To be called between bodies, so that the last one's objects do not
     * count.
     */
    boolean isOver() {
        if (usedBytes() <= maxBytes || System.nanoTime() - againAtNanos < 0) {
            return false;
        }
        boolean over = collectsAtOnce ? isOverCollected() : histogramBytes() > maxBytes;
        againAtNanos = System.nanoTime() + AGAIN_NANOS;
        return over;
    }

    private boolean isOverCollected() {
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        System.gc();
        return usedBytes() > maxBytes && (garbage.refersTo(null) || histogramBytes() > maxBytes);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Returns the size of the live heap by the JVM's class histogram; {@value #UNKNOWN} if the JVM does not provide it. */
    private static long histogramBytes() {
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

    /** Returns the bytes in the last line of a class histogram, which is {@code Total}, the instances, the bytes. */
    static long total(String histogram) {
        int at = histogram.lastIndexOf("Total");
        String[] words = at < 0 ? new String[0] : histogram.substring(at).trim().split("\\s+", -1);
        return words.length < 3 ? UNKNOWN : Long.parseLong(words[2]);
    }
}
