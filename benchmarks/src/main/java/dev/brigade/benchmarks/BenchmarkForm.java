package dev.brigade.benchmarks;

/** The thoroughness of a run. */
enum BenchmarkForm {
    /** Shows that everything works; its figures mean nothing. */
    SMOKE,
    /** At most five minutes in all. */
    SHORT,
    /** For the figures that are published. */
    LONG;

    <T> T pick(T smoke, T brief, T full) {
        return switch (this) {
            case SMOKE -> smoke;
            case SHORT -> brief;
            case LONG -> full;
        };
    }
}
