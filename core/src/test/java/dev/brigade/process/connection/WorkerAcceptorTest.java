package dev.brigade.process.connection;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.brigade.WorkerChannel;
import dev.brigade.process.Leftovers;
import dev.brigade.process.ShortTempDir;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class WorkerAcceptorTest {
    /** The directory must be empty again, so that it can be removed without a descriptor to list it. */
    @ParameterizedTest
    @EnumSource(
            value = WorkerChannel.class,
            names = {"UNIX", "TCP"})
    @SuppressWarnings("NullAway") // no worker connects
    void oneThatCannotBeAttendedLeavesNothing(WorkerChannel kind, @TempDir(factory = ShortTempDir.class) Path directory)
            throws Exception {
        Leftovers leftovers = new Leftovers();
        Selector selector = Selector.open();
        selector.close();
        assertThrows(ClosedSelectorException.class, () -> WorkerAcceptor.open(kind, directory, selector, null, 1));
        Files.delete(directory);
        Files.createDirectory(directory);
        leftovers.assertNone();
    }
}
