package dev.brigade.examples;

import java.math.BigInteger;

/** The heavy computation of the lessons {@code cpu-example} and {@code mp}: a sum of squares. */
final class Squares {
    /** A prime; the sum is kept below it. */
    private static final long MODULUS = 1_000_003;

    private Squares() {}

    /**
     * The heavy computation. The result is used, so the compiler cannot leave the work out; and each step needs the one
     * before, so that it takes the same time in a JVM that has just started as in one that has been optimizing for long.
     */
    static long sum(int limit) {
        long sum = 0;
        for (int number = 1; number <= limit; number++) {
            sum = (sum + (long) number * number) % MODULUS;
        }
        return sum;
    }

    /** The JVM compiles hot code while it runs; here it does so before any clock starts, for all runners alike. */
    static void warmUp() {
        for (int round = 0; round < 20; round++) {
            sum(500_000 + round);
        }
    }

    /** The same without the work: n(n+1)(2n+1)/6, modulo the prime. */
    static long expected(int limit) {
        BigInteger n = BigInteger.valueOf(limit);
        BigInteger product =
                n.multiply(n.add(BigInteger.ONE)).multiply(n.shiftLeft(1).add(BigInteger.ONE));
        return product.divide(BigInteger.valueOf(6))
                .mod(BigInteger.valueOf(MODULUS))
                .longValue();
    }
}
