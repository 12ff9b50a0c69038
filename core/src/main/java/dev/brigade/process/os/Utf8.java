package dev.brigade.process.os;

/** The boundaries of characters of several bytes. */
public final class Utf8 {
    private static final int MAX_BYTES = 4;

    private Utf8() {}

    /** Returns the number of bytes, 0 to 3, at the end that begin an incomplete character. */
    public static int incompleteBytes(byte[] text, int length) {
        for (int back = 1; back < MAX_BYTES && back <= length; back++) {
            int b = text[length - back] & 0xFF;
            boolean continues = (b & 0xC0) == 0x80;
            if (!continues) {
                return back < bytesOf(b) ? back : 0;
            }
        }
        return 0;
    }

    /** Returns the length in bytes of a character with that first byte. */
    private static int bytesOf(int first) {
        if (first >= 0xF0) {
            return 4;
        }
        if (first >= 0xE0) {
            return 3;
        }
        return first >= 0xC0 ? 2 : 1;
    }
}
