package dev.brigade.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.RemoteTaskException;
import dev.brigade.TaskTimeoutException;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"serial", "UnusedVariable", "UnusedMethod"}) // fixtures that are wrong on purpose
class CodecFailureTest {
    private final Codec codec = Codec.of(getClass().getClassLoader());

    private Throwable sent(Throwable failure) {
        Payload payload = codec.encodeFailure(failure);
        assertTrue(payload.isFailure());
        return assertThrows(Throwable.class, () -> codec.decodeReply(payload));
    }

    private RemoteTaskException remote(Throwable failure) {
        return assertInstanceOf(RemoteTaskException.class, sent(failure));
    }

    private RemoteTaskException remoteResult(@Nullable Object result) {
        Payload payload = codec.encodeResult(result);
        assertTrue(payload.isFailure());
        return assertThrows(RemoteTaskException.class, () -> codec.decodeReply(payload));
    }

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    private static final class Wire {}

    private static class WiredException extends Exception {
        private final Wire wire = new Wire();

        WiredException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    @Test
    void resultsComeBackAsValues() throws Throwable {
        assertNull(codec.decodeReply(codec.encodeResult(null)));
        assertEquals(7, codec.decodeReply(codec.encodeResult(7)));
        assertEquals(List.of("a"), codec.decodeReply(codec.encodeResult(List.of("a"))));
        // an exception that is returned is a value
        assertInstanceOf(IOException.class, codec.decodeReply(codec.encodeResult(new IOException("x"))));
    }

    @Test
    void aFailureIsNoValue() {
        Payload failure = codec.encodeFailure(new IOException("x"));
        assertTrue(text(assertThrows(UntransportableException.class, () -> codec.decode(failure)))
                .contains("a failure is not a value"));
    }

    @Test
    void theOriginalIsThrownWithItsStackCauseAndSuppressed() {
        IOException original = new IOException("outer", new IllegalStateException("inner"));
        original.addSuppressed(new ArithmeticException("beside"));
        Throwable back = sent(original);
        assertSame(IOException.class, back.getClass());
        assertEquals("outer", back.getMessage());
        assertArrayEquals(original.getStackTrace(), back.getStackTrace());
        assertEquals("java.lang.IllegalStateException: inner", String.valueOf(back.getCause()));
        assertEquals("java.lang.ArithmeticException: beside", back.getSuppressed()[0].toString());
    }

    @Test
    void errorsAndTheRunnersOwnExceptionsAreFailuresLikeOthers() {
        assertInstanceOf(OutOfMemoryError.class, sent(new OutOfMemoryError("by hand")));
        assertInstanceOf(StackOverflowError.class, sent(new StackOverflowError()));
        assertInstanceOf(TaskTimeoutException.class, sent(new TaskTimeoutException("late")));
        RemoteTaskException twice = remote(remote(new WiredException("x", null)));
        assertEquals(WiredException.class.getName(), twice.originalClassName());
    }

    @Test
    void anExceptionThatIsNotSerializableIsDescribedWithItsStackAndField() {
        WiredException original =
                new WiredException("boom", new IOException("below", new ArithmeticException("lowest")));
        RemoteTaskException back = remote(original);
        assertEquals(WiredException.class.getName(), back.originalClassName());
        assertArrayEquals(original.getStackTrace(), back.getStackTrace());
        String text = text(back);
        assertTrue(text.startsWith(WiredException.class.getName() + ": boom ["), text);
        assertTrue(
                text.contains(
                        "CodecFailureTest$WiredException.wire (" + Wire.class.getName() + ") is not serializable"),
                text);
        assertTrue(text.contains("\nCaused by: java.io.IOException: below\n\tat "), text);
        assertTrue(text.contains("\nCaused by: java.lang.ArithmeticException: lowest\n\tat "), text);
    }

    @Test
    void aCauseThatIsNotSerializableIsDescribedWithTheRest() {
        RemoteTaskException back = remote(new IOException("outer", new WiredException("boom", null)));
        assertEquals("java.io.IOException", back.originalClassName());
        assertTrue(text(back).startsWith("java.io.IOException: outer ["), text(back));
        assertTrue(text(back).contains("Caused by: " + WiredException.class.getName() + ": boom"), text(back));
    }

    @Test
    void cyclicCausesComeBackAsACycle() {
        Exception first = new Exception("first");
        Exception second = new Exception("second", first);
        first.initCause(second);
        first.addSuppressed(second);
        Throwable back = sent(first);
        assertEquals("first", back.getMessage());
        assertSame(back, java.util.Objects.requireNonNull(back.getCause()).getCause());
    }

    @Test
    void cyclicCausesThatAreNotSerializableAreDescribedOnce() {
        WiredException first = new WiredException("first", null) {
            @Override
            public Throwable getCause() {
                return this;
            }
        };
        Exception second = new Exception("second", first);
        first.addSuppressed(second);
        String text = text(remote(first));
        assertEquals(text.indexOf("second"), text.lastIndexOf("second"), text);
    }

    @Test
    void aHugeMessageIsCut() {
        RemoteTaskException back = remote(new IOException("m".repeat(5_000_000)));
        assertEquals("java.io.IOException", back.originalClassName());
        assertTrue(text(back).startsWith("java.io.IOException: mmm"));
        assertTrue(text(back).contains("its encoded form takes more than 1048576 bytes"));
        assertTrue(
                text(back).length() < ThrowableFormatter.MAX_TEXT_CHARS,
                "length " + text(back).length());
        assertTrue(codec.encodeFailure(new IOException("m".repeat(5_000_000))).size() < 100_000);
    }

    @Test
    void aLongMessageThatStillFitsIsKept() {
        assertEquals(100_000, text(sent(new IOException("m".repeat(100_000)))).length());
    }

    @Test
    void thousandsOfCausesAreBounded() {
        Exception chain = new WiredException("lowest", null);
        for (int i = 0; i < 50_000; i++) {
            chain = new Exception("x".repeat(100) + i, chain);
        }
        RemoteTaskException back = remote(chain);
        assertTrue(text(back).contains("49999"));
        assertTrue(
                text(back).length() <= ThrowableFormatter.MAX_TEXT_CHARS + 100,
                "length " + text(back).length());
    }

    private static class RudeException extends RuntimeException {
        private final Wire wire = new Wire();

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new StackOverflowError();
        }

        @Override
        public synchronized Throwable getCause() {
            throw new OutOfMemoryError("no cause");
        }
    }

    @Test
    void anExceptionWhoseMethodsThrowIsStillNamed() {
        RemoteTaskException back = remote(new RudeException());
        assertEquals(RudeException.class.getName(), back.originalClassName());
        assertTrue(text(back).contains("its text could not be had: java.lang.IllegalStateException"), text(back));
    }

    private static final class Unwritable extends Exception {
        private void writeObject(ObjectOutputStream out) {
            throw new StackOverflowError("in writeObject");
        }
    }

    private static final class Unreadable extends Exception {
        Unreadable(String message) {
            super(message);
        }

        private void readObject(ObjectInputStream in) throws IOException {
            throw new IllegalStateException("cannot be read");
        }
    }

    @Test
    void whatFailsWhileItIsWrittenIsDescribed() {
        assertTrue(text(remote(new Unwritable())).contains("StackOverflowError"));
    }

    @Test
    void whatFailsWhileItIsReadIsDescribedWithItsOwnTextAndStack() {
        Unreadable original = new Unreadable("the real reason");
        RemoteTaskException back = remote(original);
        assertEquals(Unreadable.class.getName(), back.originalClassName());
        assertArrayEquals(original.getStackTrace(), back.getStackTrace());
        assertTrue(text(back).contains(": the real reason [the original could not be read here: "), text(back));
        assertTrue(text(back).contains("java.lang.IllegalStateException: cannot be read"), text(back));
        assertInstanceOf(UntransportableException.class, back.getCause());
    }

    private static final class Swapped extends Exception {
        private Object writeReplace() {
            return "not a throwable";
        }
    }

    @Test
    void anExceptionThatBecomesSomethingElseIsDescribed() {
        RemoteTaskException back = remote(new Swapped());
        assertEquals(Swapped.class.getName(), back.originalClassName());
        assertTrue(text(back).contains("something else was sent in its place"), text(back));
    }

    private static final class Result implements Serializable {
        final @Nullable Object part;

        Result(@Nullable Object part) {
            this.part = part;
        }
    }

    private static final class Bomb implements Serializable {
        private final boolean whileWritten;

        Bomb(boolean whileWritten) {
            this.whileWritten = whileWritten;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            if (whileWritten) {
                throw new OutOfMemoryError("in writeObject");
            }
            out.defaultWriteObject();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            throw new OutOfMemoryError("in readObject");
        }
    }

    @Test
    void aResultThatIsNotSerializableIsAFailureThatNamesTheField() {
        RemoteTaskException back = remoteResult(new Result(new Wire()));
        assertEquals(Result.class.getName(), back.originalClassName());
        assertEquals(
                "the task ended, but its result is lost: " + Result.class.getName()
                        + " cannot be transported: CodecFailureTest$Result.part (" + Wire.class.getName()
                        + ") is not serializable",
                back.getMessage());
    }

    @Test
    void aResultThatIsTooDeepOrTakesTheMemoryIsAFailure() {
        Result chain = new Result(null);
        for (int i = 0; i < 100_000; i++) {
            chain = new Result(chain);
        }
        assertTrue(text(remoteResult(chain)).contains("nested too deeply"));
        assertTrue(text(remoteResult(new Bomb(true))).contains("no memory was left"));
    }

    @Test
    void aResultThatCannotBeReadHereSaysWhy() {
        Payload payload = codec.encodeResult(new Result(new Bomb(false)));
        assertFalse(payload.isFailure());
        RemoteTaskException back = assertThrows(RemoteTaskException.class, () -> codec.decodeReply(payload));
        assertInstanceOf(OutOfMemoryError.class, back.getCause());
        assertTrue(text(back).contains("in readObject"), text(back));
    }

    @Test
    void lackOfMemoryWhileAnInputIsReadReachesTheCaller() {
        Payload payload = codec.encode(new Bomb(false));
        assertThrows(OutOfMemoryError.class, () -> codec.decode(payload));
    }

    @Test
    void arraysBeyondTwoGibibytesAreRefusedBeforeTheyAreCopied() {
        String text =
                text(assertThrows(UntransportableException.class, () -> PrimitiveCodec.sizeOf("long[]", 1 << 28, 8)));
        assertEquals(
                "long[] of 268435456 elements cannot be transported: it takes 2147483648 bytes, at most 2147483639 are possible",
                text);
    }

    @Test
    void theOutputRefusesMoreThanItsLimit() throws IOException {
        try (BoundedByteOutput output = new BoundedByteOutput(1_000)) {
            output.write(new byte[1_000]);
            assertEquals(1_000, output.toBytes().length);
            assertTrue(text(assertThrows(BoundedByteOutput.FullException.class, () -> output.write(1)))
                    .contains("1000 bytes"));
        }
    }

    @Test
    void theCauseOfARefusalIsKept() {
        UntransportableException refusal = assertThrows(UntransportableException.class, () -> codec.encode(new Wire()));
        assertInstanceOf(NotSerializableException.class, refusal.getCause());
        assertEquals(Wire.class.getName(), refusal.className());
    }
}
