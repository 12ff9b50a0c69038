package dev.brigade.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.brigade.runner.ProcessRunner;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A parent JVM that was launched in some way, run by {@link OwnParent}: what it has, its workers have too. */
public final class LaunchedParent {
    private static final String OWN = "own ";
    private static final String RESOURCE = "resource ";
    private static final String ODD_VALUE = "\u00e9\u65e5 and\nmore";

    private LaunchedParent() {}

    /** What is looked at: names of properties, {@code resource} and a name, or {@code own} and a name that only the workers get. */
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
            URL resource = what.startsWith(RESOURCE)
                    ? LaunchedParent.class.getResource("/" + what.substring(RESOURCE.length()))
                    : null;
            found.put(what, what.startsWith(RESOURCE) ? String.valueOf(resource) : System.getProperty(what));
        }
        return found;
    }
}
