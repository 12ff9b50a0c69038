package dev.brigade.timeline;

/** Text for HTML pages. */
final class Html {
    private Html() {}

    /** Text as it may stand in an element or in a quoted attribute. */
    static String text(String text) {
        StringBuilder html = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                case '\n', '\t' -> html.append((char) c);
                default -> html.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
            }
        });
        return html.toString();
    }

    /** HTML has no place for control characters and half pairs. */
    private static boolean isAllowed(int codePoint) {
        boolean half = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
        return !Character.isISOControl(codePoint) && !half;
    }
}
