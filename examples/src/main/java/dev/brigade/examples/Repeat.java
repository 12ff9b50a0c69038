package dev.brigade.examples;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How to run a lesson again, as a line for a shell. */
final class Repeat {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private Repeat() {}

    static String command(List<String> arguments) {
        return "java -jar examples/target/brigade-examples.jar "
                + arguments.stream().map(Repeat::quoted).collect(Collectors.joining(" "));
    }

    static String quoted(String argument) {
        return PLAIN.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
