package dev.brigade.faults;

/** How much the tests do that do the same thing often: a short form with the other tests, a long one with {@code -Psoak}. */
final class Soak {
    /** Whether this is the long form. */
    static final boolean LONG = Boolean.getBoolean("brigade.soak");

    private Soak() {}

    static int times(int shortForm, int longForm) {
        return LONG ? longForm : shortForm;
    }
}
