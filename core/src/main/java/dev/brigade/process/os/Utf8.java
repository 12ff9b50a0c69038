package dev.brigade.process.os;

/** Where characters of several bytes end. */
public final class Utf8 {
    private static final int MAX_BYTES = 4;

    private Utf8() {}

    /** How many bytes at the end begin a character that is not complete; 0 to 3. */
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

    /** How many bytes a character takes that begins so. */
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
