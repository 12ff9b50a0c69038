package dev.brigade.examples;

import java.math.BigInteger;

/** The heavy computation of the lessons {@code cpu-example} and {@code mp}: a sum of squares. */
final class Squares {
    private Squares() {}

    /** The heavy computation. The result is used, so the compiler cannot leave the work out. */
    static long sum(int limit) {
        long sum = 0;
        for (long number = 1; number <= limit; number++) {
            sum += number * number;
        }
        return sum;
    }

    /** The JVM compiles hot code while it runs; here it does so before any clock starts, for all runners alike. */
    static void warmUp() {
        for (int round = 0; round < 20; round++) {
            sum(2_000_000 + round);
        }
    }

    /** n(n+1)(2n+1)/6, cut to 64 bits as the sum itself is. */
    static long expected(int limit) {
        BigInteger n = BigInteger.valueOf(limit);
        BigInteger product =
                n.multiply(n.add(BigInteger.ONE)).multiply(n.shiftLeft(1).add(BigInteger.ONE));
        return product.divide(BigInteger.valueOf(6)).longValue();
    }
}
