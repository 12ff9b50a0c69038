package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.brigade.runner.ProcessRunner;
import java.io.File;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A parent JVM that {@link ParentJvm} launches in some way. It checks that its workers have the same options as itself. */
public final class LaunchedParent {
    private static final String OWN = "own ";
    private static final String ELSEWHERE = "elsewhere ";
    private static final String ALONE = "not inherited";
    private static final String ODD_VALUE = "\u00e9\u65e5 and\nmore";

    private LaunchedParent() {}

    /**
     * Looks up each argument here and in a worker, and compares the two. An argument is one of these:
     *
     * <ul>
     * <li>the name of a property;
     * <li>{@code own} and the name of a property, which workers get by an option of their own;
     * <li>{@code resource}, {@code module} or {@code class}, and a name;
     * <li>{@code opens} or {@code exports}, and a package with its module;
     * <li>{@code native};
     * <li>{@code security} and a security property;
     * <li>{@code file} and a property that names a file;
     * <li>{@code elsewhere} and a directory: the workers' working directory;
     * <li>{@code not inherited}: workers must have none of the properties.
     * </ul>
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
            } else if (argument.startsWith(ELSEWHERE)) {
                elsewhere(builder, Path.of(argument.substring(ELSEWHERE.length())));
            } else {
                wanted.add(argument);
            }
        }
        try (PoolUnderTest pool = new PoolUnderTest(builder)) {
            boolean mine = wanted.remove(ALONE);
            Map<String, String> here = look(wanted);
            here.forEach((what, found) -> assertNotNull(found, what));
            if (mine) {
                here.replaceAll((what, found) -> null);
            }
            assertEquals(here, pool.get(() -> look(wanted)));
            pool.goesOn();
        }
    }

    /** Gives the workers a working directory, and names JDK and class path relative to this process's own. */
    private static void elsewhere(ProcessRunner.Builder builder, Path directory) {
        Path here = Path.of("").toAbsolutePath();
        builder.workingDirectory(here.relativize(directory))
                .javaHome(here.relativize(Path.of(System.getProperty("java.home"))))
                .classPath(Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> here.relativize(Path.of(entry).toAbsolutePath()))
                        .toList());
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
            case "security" -> Security.getProperty(words.get(1));
            case "file" -> new File(System.getProperty(words.get(1))).getAbsolutePath();
            default -> System.getProperty(what);
        };
    }

    private static Module module(List<String> words) {
        return ModuleLayer.boot().findModule(words.get(1)).orElseThrow();
    }

    /** The method exists from JDK 22 on. */
    private static String mayUseNativeCode() {
        try {
            return "" + Module.class.getMethod("isNativeAccessEnabled").invoke(LaunchedParent.class.getModule());
        } catch (ReflectiveOperationException e) {
            return "nobody asks";
        }
    }
}
