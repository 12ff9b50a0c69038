package dev.brigade.benchmarks;

import java.util.StringJoiner;

/** As much JSON as a report needs. */
final class ReportJson {
    private ReportJson() {}

    static String text(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }

    /** JSON knows no NaN and no infinity. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "null";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Names and values in turn; the values are JSON already. */
    static String object(String... namesAndValues) {
        StringJoiner object = new StringJoiner(", ", "{", "}");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.add(text(namesAndValues[i]) + ": " + namesAndValues[i + 1]);
        }
        return object.toString();
    }
}
