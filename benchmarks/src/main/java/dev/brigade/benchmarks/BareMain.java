package dev.brigade.benchmarks;

/** A JVM that does nothing; with an argument it waits until its stdin ends. */
final class BareMain {
    private BareMain() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            System.in.read();
        }
    }
}
