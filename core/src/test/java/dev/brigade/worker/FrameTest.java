package dev.brigade.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class FrameTest {
    private static final int CAP_BYTES = 100;

    @Test
    void headerSurvivesTheWire() throws Exception {
        Frame sent = new Frame(Frame.RUN, 7, 8, 9, (byte) 10, -1, new byte[] {1, 2, 3});
        Frame read = Frame.readHeader(headerOf(sent), CAP_BYTES);
        assertEquals(Frame.RUN, read.type());
        assertEquals(7, read.id());
        assertEquals(8, read.call());
        assertEquals(9, read.number());
        assertEquals(10, read.kind());
        assertEquals(-1, read.nanos());
        assertArrayEquals(new byte[3], read.bytes());
    }

    @Test
    void refusesBytesThatAreNoFrame() {
        ByteBuffer text = ByteBuffer.wrap(
                "HTTP/1.1 400 Bad Request, and so on".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Exception e = assertThrows(BrokenChannelException.class, () -> Frame.readHeader(text, CAP_BYTES));
        assertTrue(e.getMessage().contains("0x4854"), e.getMessage());
    }

    @Test
    void refusesAnotherVersion() {
        ByteBuffer header = headerOf(Frame.of(Frame.BYE, 0));
        header.put(2, (byte) 99);
        Exception e = assertThrows(BrokenChannelException.class, () -> Frame.readHeader(header, CAP_BYTES));
        assertTrue(e.getMessage().contains("version 99"), e.getMessage());
    }

    @Test
    void refusesNegativeAndAbsurdLengths() {
        for (int length : new int[] {-1, CAP_BYTES + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            ByteBuffer header = headerOf(Frame.of(Frame.BYE, 0));
            header.putInt(4, length);
            Exception e = assertThrows(BrokenChannelException.class, () -> Frame.readHeader(header, CAP_BYTES));
            assertTrue(e.getMessage().contains(length + " bytes, the limit is 100 bytes"), e.getMessage());
        }
    }

    private static ByteBuffer headerOf(Frame frame) {
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        frame.putHeader(header);
        return header.flip();
    }
}
