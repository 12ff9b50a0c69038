package dev.brigade.process.protocol;

import java.security.SecureRandom;

/** Makes tokens that cannot be guessed. */
public final class HandshakeToken {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 16;

    private HandshakeToken() {}

    /** Returns a new token, in hexadecimal digits. */
    public static String next() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(Character.forDigit((b >> 4) & 0xF, 16)).append(Character.forDigit(b & 0xF, 16));
        }
        return text.toString();
    }
}
