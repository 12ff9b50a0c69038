package dev.brigade.process.protocol;

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
        assertEquals(8, read.batch());
        assertEquals(9, read.number());
        assertEquals(10, read.kind());
        assertEquals(-1, read.nanos());
        assertArrayEquals(new byte[3], read.bytes());
    }

    @Test
    void refusesBytesThatAreNoFrame() {
        ByteBuffer text = ByteBuffer.wrap(
                "HTTP/1.1 400 Bad Request, and so on".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Exception e = assertThrows(ProtocolException.class, () -> Frame.readHeader(text, CAP_BYTES));
        assertTrue(e.getMessage().contains("0x4854"), e.getMessage());
    }

    @Test
    void refusesAnotherVersion() {
        ByteBuffer header = headerOf(Frame.of(Frame.EXIT, 0));
        header.put(2, (byte) 99);
        Exception e = assertThrows(ProtocolException.class, () -> Frame.readHeader(header, CAP_BYTES));
        assertTrue(e.getMessage().contains("version 99"), e.getMessage());
    }

    @Test
    void refusesNegativeAndAbsurdLengths() {
        for (int length : new int[] {-1, CAP_BYTES + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            ByteBuffer header = headerOf(Frame.of(Frame.EXIT, 0));
            header.putInt(4, length);
            Exception e = assertThrows(ProtocolException.class, () -> Frame.readHeader(header, CAP_BYTES));
            assertTrue(e.getMessage().contains(length + " bytes, the limit is 100 bytes"), e.getMessage());
        }
    }

    @Test
    void aFrameThatThereIsNoRoomForTellsSoInItsPlace() throws Exception {
        ByteBuffer header = headerOf(new Frame(Frame.RESULT, 7, 0, 0, (byte) 10, 11, new byte[80]));
        assertThrows(OutOfMemoryError.class, () -> Frame.readHeader(header, CAP_BYTES, 79));
        Frame alone = Frame.readHeaderAlone(header.position(0));
        assertEquals(0, header.remaining());
        assertEquals(80, Frame.lengthAt(header, 0));
        assertEquals(7, alone.id());
        assertEquals(11, alone.nanos());
        Frame told = alone.withoutRoom(80);
        Throwable failure = assertThrows(
                dev.brigade.RemoteTaskException.class,
                () -> dev.brigade.transport.Codec.of(getClass().getClassLoader())
                        .decodeReply(new dev.brigade.transport.Payload(told.kind(), told.bytes())));
        assertTrue(String.valueOf(failure.getMessage()).contains("the result takes 80 bytes"), failure::toString);
        Frame line = new Frame(Frame.OUTPUT, 7, 0, 1, (byte) 0, 0, Frame.NO_BYTES).withoutRoom(80);
        assertTrue(new String(line.bytes(), java.nio.charset.StandardCharsets.UTF_8).contains("80 bytes"));
    }

    private static ByteBuffer headerOf(Frame frame) {
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        frame.putHeader(header);
        return header.flip();
    }
}
