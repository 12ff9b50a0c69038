package dev.brigade.process.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.process.os.PoolDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class ResultRingTest {
    private static final byte KIND = 7;
    private static final int MAX = ResultRing.MAX_PAYLOAD_BYTES;

    @TempDir
    Path directory;

    private ResultRing.Reader reader;
    private ResultRing.Writer writer;

    @BeforeEach
    void open() throws IOException {
        Path file = directory.resolve("ring");
        try (FileChannel channel = PoolDirectory.newFile(file)) {
            reader = ResultRing.Reader.create(file, channel);
        }
        writer = ResultRing.Writer.open(reader.file);
    }

    private static byte[] bytes(int id, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) id);
        return bytes;
    }

    private void assertNext(int id, int length) throws ProtocolException {
        Frame result = reader.peek(reader.published());
        assertNotNull(result, "result " + id);
        assertEquals(Frame.RESULT, result.type());
        assertEquals(id, result.id());
        assertEquals(KIND, result.kind());
        assertEquals(1_000L + id, result.nanos());
        assertArrayEquals(bytes(id, length), result.bytes());
        reader.remove(result);
    }

    private boolean offer(int id, int length) {
        return writer.offer(id, KIND, 1_000L + id, bytes(id, length));
    }

    @Test
    void bringsResultsInOrderManyTimesRound() throws Exception {
        Random random = new Random(1);
        for (int id = 0; id < 2_000; id += 2) {
            int[] lengths = {random.nextInt(MAX + 1), random.nextInt(20)};
            assertTrue(offer(id, lengths[0]));
            assertTrue(offer(id + 1, lengths[1]));
            assertNext(id, lengths[0]);
            assertNext(id + 1, lengths[1]);
            assertNull(reader.peek(reader.published()));
        }
    }

    @Test
    void leavesAResultUntilItIsRemoved() throws Exception {
        offer(1, 3);
        assertNotNull(reader.peek(reader.published()));
        assertFalse(reader.isEmpty());
        assertNext(1, 3);
        assertTrue(reader.isEmpty());
    }

    @Test
    void takesNothingMoreWhenItIsFullAndGoesOnWhenItIsNot() throws Exception {
        int fitting = 0;
        while (offer(fitting, MAX)) {
            fitting++;
        }
        assertTrue(fitting >= ResultRing.CAPACITY / (MAX + 100), "results that fit: " + fitting);
        assertFalse(offer(fitting, MAX));
        assertNext(0, MAX);
        assertTrue(offer(fitting, MAX));
        for (int id = 1; id <= fitting; id++) {
            assertNext(id, MAX);
        }
    }

    @Test
    void marksFillItToo() throws Exception {
        int fitting = 0;
        while (writer.mark(fitting)) {
            fitting++;
        }
        assertFalse(offer(fitting, 0));
        reader.passed(0);
        assertTrue(writer.mark(fitting));
    }

    @Test
    void nothingPassesAMarkBeforeTheSocketHasBroughtItsResult() throws Exception {
        offer(1, 0);
        writer.mark(2);
        offer(3, 5);
        assertNext(1, 0);
        assertNull(reader.peek(reader.published()));
        assertTrue(reader.isEmpty(), "nothing that could be taken now");
        reader.passed(3);
        reader.release();
        assertNull(reader.peek(reader.published()));
        reader.passed(2);
        reader.release();
        assertNext(3, 5);
    }

    @Test
    void whatIsHeldBackComesWhenTheSocketHasBroughtSomething() throws Exception {
        offer(1, 0);
        reader.hold();
        assertNull(reader.peek(reader.published()));
        assertTrue(reader.isEmpty());
        reader.release();
        assertNext(1, 0);
    }

    @Test
    void aWishToBeRungIsSeenOnce() {
        assertFalse(writer.mustRing());
        reader.armDoorbell();
        assertTrue(writer.mustRing());
        assertFalse(writer.mustRing());
        reader.armDoorbell();
        reader.disarmDoorbell();
        assertFalse(writer.mustRing());
    }

    private void scribble(int at, int value) throws IOException {
        ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        try (RandomAccessFile file = new RandomAccessFile(reader.file.toFile(), "rw")) {
            file.seek(at);
            file.write(word.putInt(value).array());
        }
    }

    /** A worker with damaged memory may write any of these values. */
    @Test
    void whatIsNoRecordIsRefused() throws Exception {
        offer(1, 8);
        for (int published : new int[] {1, 23, -8, ResultRing.CAPACITY + 8, Integer.MIN_VALUE}) {
            scribble(0, published);
            assertThrows(
                    ProtocolException.class, () -> reader.peek(reader.published()), () -> "published " + published);
        }
        scribble(0, 32);
        for (int length : new int[] {9, MAX + 1, -2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            scribble(3 * 64 + 4, length);
            assertThrows(ProtocolException.class, () -> reader.peek(reader.published()), () -> "length " + length);
        }
        scribble(3 * 64 + 4, 8);
        assertNext(1, 8);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void losesNothingBetweenTwoThreads() throws Exception {
        int count = 200_000;
        Thread writing = new Thread(() -> {
            for (int id = 0; id < count; id++) {
                while (!offer(id, id % 50)) {
                    Thread.onSpinWait();
                }
            }
        });
        writing.start();
        for (int id = 0; id < count; id++) {
            while (reader.isEmpty()) {
                Thread.onSpinWait();
            }
            assertNext(id, id % 50);
        }
        writing.join();
    }

    /** The parent arms the doorbell, looks once more, and waits. Each time one of the two sides sees the other. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noResultIsLeftToAParentThatSleeps() throws Exception {
        int count = 100_000;
        Semaphore bell = new Semaphore(0);
        Thread writing = new Thread(() -> {
            for (int id = 0; id < count; id++) {
                while (!offer(id, 0)) {
                    Thread.onSpinWait();
                }
                if (writer.mustRing()) {
                    bell.release();
                }
            }
        });
        writing.start();
        for (int id = 0; id < count; ) {
            if (reader.armDoorbell()) {
                assertTrue(bell.tryAcquire(20, TimeUnit.SECONDS), "asleep, with result " + id + " there");
            }
            reader.disarmDoorbell();
            while (!reader.isEmpty()) {
                assertNext(id++, 0);
            }
        }
        writing.join();
    }
}
