package dev.brigade.process.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Utf8Test {
    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00e9", "\u20ac", "\ud83d\ude00"})
    void whatBeginsACharacterAndDoesNotEndItIsIncomplete(String character) {
        byte[] text = ("x" + character).getBytes(UTF_8);
        for (int length = 1; length <= text.length; length++) {
            boolean whole = length == 1 || length == text.length;
            assertEquals(whole ? 0 : length - 1, Utf8.incompleteBytes(text, length), "of " + length + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void bytesThatAreNoTextAreLeftAsTheyAre(int length) {
        byte[] text = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80};
        assertEquals(0, Utf8.incompleteBytes(text, length));
    }
}
