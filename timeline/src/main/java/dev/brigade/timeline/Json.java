package dev.brigade.timeline;

import java.math.BigDecimal;

/**
 * Writes JSON. Everything beyond printable ASCII is escaped, and so is what could end an HTML script: the text may stand
 * anywhere.
 */
final class Json {
    private static final int NANO_DIGITS_OF_MICROS = 3;
    private static final int NANO_DIGITS_OF_MILLIS = 6;

    private Json() {}

    static String text(String value) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c > '~' || c == '<' || c == '>' || c == '&') {
                json.append("\\u").append(hex(c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    private static String hex(char c) {
        String digits = Integer.toHexString(c);
        return "0".repeat(4 - digits.length()) + digits;
    }

    /** Exact, without an exponent. */
    static String micros(long nanos) {
        return number(nanos, NANO_DIGITS_OF_MICROS);
    }

    /** Exact, without an exponent. */
    static String millis(long nanos) {
        return number(nanos, NANO_DIGITS_OF_MILLIS);
    }

    private static String number(long nanos, int digits) {
        BigDecimal value = BigDecimal.valueOf(nanos, digits);
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}
