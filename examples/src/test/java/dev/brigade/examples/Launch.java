package dev.brigade.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One run of the launcher inside the test's JVM: its exit code and what it printed. */
record Launch(int code, String out, String err) {

    static Launch of(String... args) {
        return of(Main.commandLine(), args);
    }

    static Launch of(CommandLine command, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        command.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int code = command.execute(args);
        return new Launch(code, out.toString(), err.toString());
    }
}
