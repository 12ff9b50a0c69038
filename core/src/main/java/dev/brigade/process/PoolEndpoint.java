package dev.brigade.process;

import dev.brigade.process.config.PoolSettings;
import dev.brigade.process.connection.ResultRingFiles;
import dev.brigade.process.connection.WorkerAcceptor;
import dev.brigade.process.launch.WorkerLauncher;
import dev.brigade.process.os.BestEffort;
import dev.brigade.process.os.PoolDirectory;
import dev.brigade.process.worker.CdsTrainingMain;
import dev.brigade.process.worker.WorkerMain;
import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Path;

/**
 * The directory, acceptor, rings and launcher of a pool's workers; opened together and closed together.
 *
 * @param directory the directory of the socket and of the workers' files; other users may not enter it
 * @param acceptor accepts the workers' connections
 * @param rings the workers' result rings
 * @param launcher starts the workers
 */
record PoolEndpoint(Path directory, WorkerAcceptor acceptor, ResultRingFiles rings, WorkerLauncher launcher) {
    private static final WorkerLauncher.MainClasses MAIN_CLASSES =
            new WorkerLauncher.MainClasses(WorkerMain.class, CdsTrainingMain.class);

    /** Opens them all, or none. */
    static PoolEndpoint open(PoolSettings settings, Selector selector, WorkerAcceptor.ConnectionListener listener)
            throws IOException {
        Path directory = PoolDirectory.create();
        WorkerAcceptor acceptor = null;
        try {
            acceptor =
                    WorkerAcceptor.open(settings.channel(), directory, selector, listener, settings.maxPayloadBytes());
            ResultRingFiles ringFiles = new ResultRingFiles(directory);
            return new PoolEndpoint(
                    directory, acceptor, ringFiles, new WorkerLauncher(settings, directory, MAIN_CLASSES));
        } catch (IOException | RuntimeException | Error e) {
            if (acceptor != null) {
                BestEffort.attempt("closing the acceptor", acceptor::close);
            }
            BestEffort.attempt("removing " + directory, () -> PoolDirectory.deleteOwn(directory));
            throw e;
        }
    }

    /** Returns true if all files are there and none was replaced: cleaners of temporary directories remove files by age. */
    boolean isWhole() {
        return PoolDirectory.isThere(directory) && acceptor.isThere() && launcher.isThere();
    }

    /** Lets go of what no worker needs that has been started. */
    void leave() {
        BestEffort.attempt("closing the acceptor", acceptor::close);
        BestEffort.attempt("removing " + directory, () -> PoolDirectory.deleteOwn(directory));
    }

    /** Closes them all, whatever becomes of each. */
    void close() {
        BestEffort.attempt("closing the acceptor", acceptor::close);
        BestEffort.attempt("closing the rings", rings::close);
        BestEffort.attempt("removing " + directory, () -> PoolDirectory.deleteOwn(directory));
    }
}
