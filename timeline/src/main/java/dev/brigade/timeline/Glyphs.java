package dev.brigade.timeline;

/**
 * The characters a text timeline is drawn with.
 *
 * @param bars one task and the next one, in turn
 * @param sparse a worker that was idle for more than half of the place
 * @param levels from few to many, for numbers of tasks
 * @param edge left and right of a row
 * @param coloured whether terminal colours are used
 */
record Glyphs(String bars, char sparse, String levels, char edge, boolean coloured) {
    static final Glyphs ASCII = new Glyphs("=#", '-', ".:-=+*#@", '|', false);
    static final Glyphs COLOUR =
            new Glyphs("\u2588\u2593", '\u2591', "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588", '\u2502', true);

    private static final char ESCAPE = 0x1b;
    private static final int DIGITS = 9;
    private static final int BAR_COLOUR = 36;
    private static final int MARK_COLOUR = 31;
    private static final int FAINT = 2;

    /** Returns the character for a count: its digit if one digit holds all numbers of the row, else a share of the highest. */
    char level(int count, int max) {
        if (count == 0) {
            return ' ';
        }
        if (max <= DIGITS && !coloured) {
            return (char) ('0' + count);
        }
        return levels.charAt((int) ((count * (long) levels.length() - 1) / max)); // max itself is the last
    }

    String bar(String text) {
        return colour(BAR_COLOUR, text);
    }

    String mark(String text) {
        return colour(MARK_COLOUR, text);
    }

    String faint(String text) {
        return colour(FAINT, text);
    }

    /** The row of bars, without changes to the colour that it has already. */
    String joined(String row) {
        return row.replace(ESCAPE + "[0m" + ESCAPE + "[" + BAR_COLOUR + "m", "");
    }

    private String colour(int code, String text) {
        return coloured ? ESCAPE + "[" + code + "m" + text + ESCAPE + "[0m" : text;
    }
}
