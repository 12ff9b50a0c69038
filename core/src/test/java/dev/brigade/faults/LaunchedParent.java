package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.brigade.runner.ProcessRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A parent JVM that was launched in some way, run by {@link OwnParent}: what it has, its workers have too. */
public final class LaunchedParent {
    private static final String OWN = "own ";
    private static final String ODD_VALUE = "\u00e9\u65e5 and\nmore";

    private LaunchedParent() {}

    /**
     * What is looked at: names of properties; {@code resource}, {@code module}, {@code class} or {@code own} (of a property that only
     * the workers get) and a name; {@code opens} or {@code exports} and a package with its module; {@code native}.
     */
    public static void main(String[] arguments) throws Exception {
        ArrayList<String> wanted = new ArrayList<>();
        ProcessRunner.Builder builder = ProcessRunner.builder().workers(1).maxHeapBytes(64 << 20);
        for (String argument : arguments) {
            if (argument.startsWith(OWN)) {
                String name = argument.substring(OWN.length());
                builder.jvmArgs("-D" + name + "=" + ODD_VALUE);
                System.setProperty(name, ODD_VALUE);
                wanted.add(name);
            } else {
                wanted.add(argument);
            }
        }
        try (PoolUnderTest pool = new PoolUnderTest(builder)) {
            Map<String, String> here = look(wanted);
            here.forEach((what, found) -> assertNotNull(found, what));
            assertEquals(here, pool.get(() -> look(wanted)));
            pool.goesOn();
        }
    }

    private static Map<String, String> look(List<String> wanted) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String what : wanted) {
            found.put(what, found(what));
        }
        return found;
    }

    private static String found(String what) {
        List<String> words = List.of(what.split("[ /]"));
        return switch (words.get(0)) {
            case "resource" -> String.valueOf(LaunchedParent.class.getResource("/" + words.get(1)));
            case "opens" -> "" + module(words).isOpen(words.get(2), LaunchedParent.class.getModule());
            case "exports" -> "" + module(words).isExported(words.get(2), LaunchedParent.class.getModule());
            case "module" -> "" + ModuleLayer.boot().findModule(words.get(1));
            case "class" -> {
                try {
                    yield "" + Class.forName(words.get(1)).getModule();
                } catch (ClassNotFoundException e) {
                    yield e.toString();
                }
            }
            case "native" -> mayUseNativeCode();
            case "directory" -> Path.of("").toAbsolutePath().toString();
            default -> System.getProperty(what);
        };
    }

    private static Module module(List<String> words) {
        return ModuleLayer.boot().findModule(words.get(1)).orElseThrow();
    }

    /** Asked from 22 on. */
    private static String mayUseNativeCode() {
        try {
            return "" + Module.class.getMethod("isNativeAccessEnabled").invoke(LaunchedParent.class.getModule());
        } catch (ReflectiveOperationException e) {
            return "nobody asks";
        }
    }
}
