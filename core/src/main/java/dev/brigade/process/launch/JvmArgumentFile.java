package dev.brigade.process.launch;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options of a JVM in a file that the {@code java} command reads ({@code @argfile}). It holds a class path of any length.
 *
 * <p>The command passes the file's bytes on as they are, and the JVM decodes them like those of a command line: in the locale's
 * charset ({@code sun.jnu.encoding}), whatever {@link Charset#defaultCharset()} is.
 */
final class JvmArgumentFile {
    private static final String PROPERTY = "-D";

    private JvmArgumentFile() {}

    private static Charset charset() {
        String locale = System.getProperty("sun.jnu.encoding", "");
        return !locale.isEmpty() && Charset.isSupported(locale) ? Charset.forName(locale) : Charset.defaultCharset();
    }

    /**
     * Takes out of the options the {@code -D} ones that the locale's charset has no bytes for; returns them by name.
     *
     * @throws IOException when another option is such a one: only a property can be set later than at the JVM's start
     */
    static Map<String, String> takeUnwritable(List<String> options) throws IOException {
        Map<String, String> properties = new LinkedHashMap<>();
        CharsetEncoder encoder = charset().newEncoder();
        for (Iterator<String> each = options.iterator(); each.hasNext(); ) {
            String option = each.next();
            if (encoder.canEncode(option)) {
                continue;
            }
            if (!option.startsWith(PROPERTY)) {
                throw new IOException("the option " + option + " cannot be given to a JVM: the locale's charset, "
                        + charset() + ", lacks characters of it; set another locale, such as LC_ALL=C.UTF-8");
            }
            int equals = (option + '=').indexOf('=');
            properties.put(
                    option.substring(PROPERTY.length(), equals),
                    option.substring(Math.min(equals + 1, option.length())));
            each.remove();
        }
        return properties;
    }

    /** Writes the file anew. */
    static void write(Path file, List<String> options) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String option : options) {
            text.append('"');
            option.chars().forEach(c -> append((char) c, text));
            text.append("\"\n");
        }
        Files.writeString(file, text, charset());
    }

    /** As the command's own parser undoes it: an unescaped line break would end the option. */
    private static void append(char c, StringBuilder text) {
        switch (c) {
            case '"', '\\' -> text.append('\\').append(c);
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            case '\f' -> text.append("\\f");
            default -> text.append(c);
        }
    }
}
