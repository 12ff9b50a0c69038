package dev.brigade.testkit;

import dev.brigade.ContextPropagator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A context of the tests' own. It carries nothing unless a test has set a value, and throws if that names a {@link ThrownKind}. */
public final class CarriedContext implements ContextPropagator {
    private static final ThreadLocal<@Nullable String> VALUE = new ThreadLocal<>();

    /** For the service loader. */
    public CarriedContext() {}

    static @Nullable String get() {
        return VALUE.get();
    }

    static void set(@Nullable String value) {
        if (value == null) {
            VALUE.remove();
        } else {
            VALUE.set(value);
        }
    }

    @Override
    public String name() {
        return "brigade-testkit";
    }

    @Override
    public Map<String, String> capture() {
        String value = VALUE.get();
        return value == null ? Map.of() : Map.of("value", value);
    }

    @Override
    public Runnable bind(Map<String, String> captured) {
        String outer = VALUE.get();
        String value = captured.get("value");
        for (ThrownKind kind : ThrownKind.values()) {
            if (kind.name().equals(value)) {
                throw kind.fire();
            }
        }
        set(value);
        return () -> set(outer);
    }
}
