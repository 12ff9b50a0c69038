package dev.brigade.runner;

import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Virtual threads, if the running JDK has them. They are looked up once, by reflection, because this class is compiled for JDK 17. */
final class VirtualThreads {
    private static final @Nullable Method OF_VIRTUAL = find();

    private VirtualThreads() {}

    private static @Nullable Method find() {
        // Before 21 the method exists as a preview, which throws when called.
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            return Thread.class.getMethod("ofVirtual");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    static ExecutorService executor(String namePrefix) {
        if (OF_VIRTUAL == null) {
            throw new UnsupportedOperationException(
                    "virtual threads need JDK 21 or later; this is JDK " + Runtime.version());
        }
        try {
            Object builder = OF_VIRTUAL.invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            Object named = type.getMethod("name", String.class, long.class).invoke(builder, namePrefix, 1L);
            // Any thread that frees a permit may start a virtual thread, which would inherit from another caller.
            Object heirless = type.getMethod("inheritInheritableThreadLocals", boolean.class)
                    .invoke(named, false);
            ThreadFactory factory = (ThreadFactory) type.getMethod("factory").invoke(heirless);
            return (ExecutorService) Executors.class
                    .getMethod("newThreadPerTaskExecutor", ThreadFactory.class)
                    .invoke(null, factory);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("JDK " + Runtime.version() + " refused virtual threads", e);
        }
    }
}
