package dev.brigade.worker;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Path;

/**
 * Where a pool's workers connect, and what they are started with; opened together and closed together.
 *
 * @param directory for the socket and what workers read and write there; nobody else may enter
 * @param gate where they connect
 * @param rings what their results come through
 * @param launcher starts them
 */
record Premises(Path directory, Gate gate, Rings rings, Launcher launcher) {
    private static final Launcher.MainClasses MAIN_CLASSES =
            new Launcher.MainClasses(WorkerMain.class, Rehearsal.class);

    /** Opens them all, or none. */
    static Premises open(PoolSettings settings, Selector selector, Gate.Hall hall) throws IOException {
        Path directory = PoolDirectory.create();
        Gate gate = null;
        try {
            gate = Gate.open(settings.channel(), directory, selector, hall, settings.maxPayloadBytes());
            Rings rings = new Rings(directory);
            return new Premises(directory, gate, rings, new Launcher(settings, directory, MAIN_CLASSES));
        } catch (IOException | RuntimeException | Error e) {
            if (gate != null) {
                Cleanup.attempt("closing the gate", gate::close);
            }
            Cleanup.attempt("removing " + directory, () -> PoolDirectory.deleteOwn(directory));
            throw e;
        }
    }

    /** Whether nobody has removed any of it, or put another in its place: those who clean temporary directories go by age. */
    boolean isWhole() {
        return PoolDirectory.isThere(directory) && gate.isThere() && launcher.isThere();
    }

    /** Lets go of what no worker needs that has been started. */
    void leave() {
        Cleanup.attempt("closing the gate", gate::close);
        Cleanup.attempt("removing " + directory, () -> PoolDirectory.deleteOwn(directory));
    }

    /** Closes them all, whatever becomes of each. */
    void close() {
        Cleanup.attempt("closing the gate", gate::close);
        Cleanup.attempt("closing the rings", rings::close);
        Cleanup.attempt("removing " + directory, () -> PoolDirectory.deleteOwn(directory));
    }
}
