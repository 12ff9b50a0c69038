package dev.brigade.transport;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/** Names the parts of collections and other classes of the JDK on a {@link NonSerializablePath}. */
final class ElementNames {
    private ElementNames() {}

    static String of(Object whole, Object part) {
        if (isPlain(whole.getClass())) {
            if (whole instanceof List<?> list && whole instanceof RandomAccess) {
                return index(list, part);
            }
            if (whole instanceof Map<?, ?> map) {
                return key(map, part);
            }
        }
        if (whole instanceof Throwable && part instanceof Throwable) {
            return "the cause of " + name(whole);
        }
        if (whole instanceof Throwable && part instanceof Collection) {
            return "what is suppressed in " + name(whole);
        }
        return "an element of " + name(whole);
    }

    /** Returns true if iterating over the object runs code of the JDK only; views and wrappers may run code of others. */
    private static boolean isPlain(Class<?> type) {
        return switch (type.getName()) {
            case "java.util.ArrayList",
                    "java.util.ImmutableCollections$ListN",
                    "java.util.ImmutableCollections$List12",
                    "java.util.HashMap",
                    "java.util.LinkedHashMap",
                    "java.util.TreeMap",
                    "java.util.concurrent.ConcurrentHashMap" -> true;
            default -> false;
        };
    }

    private static String index(List<?> list, Object part) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) == part) {
                return "[" + i + "]";
            }
        }
        return "[?]"; // the part is written in another form, as a lambda is
    }

    private static String key(Map<?, ?> map, Object part) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getKey() == part) {
                return "[a key]";
            }
            if (entry.getValue() == part) {
                Object key = entry.getKey();
                boolean telling = key instanceof String || key instanceof Integer || key instanceof Long;
                return telling ? "[" + key + "]" : "[the value of a " + (key == null ? "null" : name(key)) + "]";
            }
        }
        return "[?]";
    }

    private static String name(Object value) {
        return value.getClass().getName();
    }
}
