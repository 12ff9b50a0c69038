package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RemoteTaskException;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskContext;
import dev.brigade.TaskFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rules 19, 20 and 22, and rule 1 for functions: objects that are sent to the body and back, on runners that transport, and on the
 * others in strict mode.
 */
public interface TransportRules extends Contract {

    /** Returns a runner that transports, or a strict one, which behaves as if it did. */
    private static Runner transporting(ContractFixture fixture) {
        return fixture.transports()
                ? fixture.runner()
                : fixture.runner(fixture.settings().withStrict());
    }

    /** Compilers write both alike. In a module other than the library's they look the same: the second is refused, with the remedy. */
    @Test
    @Rule(1)
    default void referencesToOneInheritedMethodAreTwoFunctions(ContractFixture fixture) throws Exception {
        Runner runner = transporting(fixture);
        SerializationSample.Letter letter = new SerializationSample.Letter("letter");
        SerializationSample.Card card = new SerializationSample.Card("card");
        assertEquals(List.of("letter"), runner.map(List.of(letter), SerializationSample.Note::text));
        isOrIsRefused(
                "card",
                () -> runner.map(List.of(card), SerializationSample.Note::text).get(0));
        assertEquals("letter", runner.submit(letter::text).get());
        isOrIsRefused("card", () -> runner.submit(card::text).get());
    }

    private static void isOrIsRefused(String wanted, Callable<String> call) throws Exception {
        boolean oneModule = TransportRules.class.getModule().equals(Runner.class.getModule());
        try {
            assertEquals(wanted, call.call());
        } catch (ExecutionException | IllegalArgumentException refused) {
            assertTrue(!oneModule && refused.toString().contains("write a lambda"), refused::toString);
        }
    }

    @Test
    @Rule(19)
    default void aFunctionThatCannotBeSerializedIsNamedAtTheCall(ContractFixture fixture) {
        Runner runner = transporting(fixture);
        SerializationSample.Unserializable captured = new SerializationSample.Unserializable();
        TaskFunction<Integer, Integer> function = n -> captured.hashCode();
        SerializationSample holder = new SerializationSample("holder", captured);
        TaskFunction<Integer, Integer> deep = n -> holder.hashCode();
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> runner.mapOutcomes(List.of(1), function));
        assertMentions(thrown, SerializationSample.Unserializable.class.getName());
        thrown = assertThrows(IllegalArgumentException.class, () -> runner.mapOutcomes(List.of(1), deep));
        assertMentions(thrown, SerializationSample.Unserializable.class.getName());
        assertMentions(thrown, "content");
        assertThrows(IllegalArgumentException.class, () -> runner.submit(() -> captured.hashCode()));
    }

    private static void assertMentions(Throwable thrown, String text) {
        assertTrue(String.valueOf(thrown.getMessage()).contains(text), () -> "no " + text + " in: " + thrown);
    }

    @Test
    @Rule(19)
    default void anInputThatCannotBeSerializedFailsAlone(ContractFixture fixture) {
        Runner runner = transporting(fixture);
        List<SerializationSample> inputs = List.of(
                new SerializationSample("good", "text"),
                new SerializationSample("bad", new SerializationSample.Unserializable()),
                new SerializationSample("good", "text"));
        RunOptions options = RunOptions.builder().ordered(true).build();
        List<Outcome<SerializationSample, String>> all =
                ContractFixture.all(runner.mapOutcomes(inputs, SerializationSample::name, options));
        assertEquals(
                List.of(State.SUCCESS, State.FAILED, State.SUCCESS),
                all.stream().map(Outcome::state).toList());
        Throwable named = Objects.requireNonNull(all.get(1).exception());
        assertMentions(named, SerializationSample.Unserializable.class.getName());
        assertMentions(named, "content");
    }

    @Test
    @Rule(19)
    default void inputsAreEncodedOnThePullingThread(ContractFixture fixture) throws Exception {
        Runner runner = transporting(fixture);
        SerializationSample.Watched watched = new SerializationSample.Watched();
        assertEquals(List.of(true), runner.map(List.of(watched), Objects::nonNull));
        assertSame(Thread.currentThread(), watched.writer());
    }

    @Test
    @Rule(19)
    default void withSharedMemoryTheBodyGetsTheCallersObject(ContractFixture fixture) throws Exception {
        fixture.needs(Capability.SHARED_MEMORY);
        SerializationSample.Unserializable mine = new SerializationSample.Unserializable();
        assertSame(mine, fixture.runner().map(List.of(mine), same -> same).get(0));
    }

    @Test
    @Rule(20)
    default void aResultThatCannotBeTransportedIsAFailure(ContractFixture fixture) {
        Runner runner = transporting(fixture);
        TaskFunction<Integer, Object> function = n -> n == 1 ? new SerializationSample.Unserializable() : n;
        RunOptions options = RunOptions.builder().ordered(true).build();
        List<Outcome<Integer, Object>> all =
                ContractFixture.all(runner.mapOutcomes(List.of(0, 1, 2), function, options));
        assertEquals(
                List.of(State.SUCCESS, State.FAILED, State.SUCCESS),
                all.stream().map(Outcome::state).toList());
        Throwable exception =
                assertInstanceOf(RemoteTaskException.class, all.get(1).exception());
        assertMentions(exception, SerializationSample.Unserializable.class.getName());
    }

    @Test
    @Rule(20)
    default void anExceptionThatCannotBeTransportedIsAFailureThatTellsOfIt(ContractFixture fixture) {
        Runner runner = transporting(fixture);
        TaskFunction<Integer, Integer> function = n -> {
            throw new SerializationSample.UnserializableException("mine");
        };
        Outcome<Integer, Integer> outcome =
                ContractFixture.all(runner.mapOutcomes(List.of(1), function)).get(0);
        assertEquals(State.FAILED, outcome.state());
        RemoteTaskException exception = assertInstanceOf(RemoteTaskException.class, outcome.exception());
        assertEquals(SerializationSample.UnserializableException.class.getName(), exception.originalClassName());
        assertMentions(exception, "mine");
    }

    @Test
    @Rule(20)
    default void aPlainBodyThatReturnsAStageFailsAndNamesAsync(ContractFixture fixture) {
        TaskFunction<Integer, Object> forgot = n -> new CompletableFuture<Integer>();
        Outcome<Integer, Object> outcome = ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), forgot))
                .get(0);
        assertEquals(State.FAILED, outcome.state());
        assertMentions(Objects.requireNonNull(outcome.exception()), "async");
    }

    @Test
    @Rule(22)
    default void theBodySeesWhatTheCallerWroteBefore(ContractFixture fixture) throws Exception {
        int[] shared = {0};
        for (int round = 1; round <= 300; round++) {
            shared[0] = round;
            assertEquals(round, fixture.runner().submit(() -> shared[0]).get());
        }
    }

    @Test
    @Rule(22)
    default void theBodySeesTheInputAsItWasWhenPulled(ContractFixture fixture) throws Exception {
        // One array, changed between two pulls of one batch, each time after the previous outcome was delivered.
        int[] reused = {0};
        Iterable<int[]> inputs = () -> IntStream.range(0, 300)
                .mapToObj(n -> {
                    reused[0] = n;
                    return reused;
                })
                .iterator();
        RunOptions options = RunOptions.builder().buffer(1).build();
        TaskFunction<int[], Integer> read = input -> input[0];
        List<Integer> seen = new ArrayList<>();
        for (Outcome<int[], Integer> one : ContractFixture.all(fixture.runner().mapOutcomes(inputs, read, options))) {
            seen.add(one.get());
        }
        assertEquals(IntStream.range(0, 300).boxed().toList(), seen);
    }

    /** Returns one buffer for all chunks, as reading loops do. The runner pulls ahead, and does not tell when it has encoded a chunk. */
    private static Iterable<byte[]> refillingOneBuffer(int chunks, int bytes) {
        byte[] buffer = new byte[bytes];
        return () -> IntStream.range(0, chunks)
                .mapToObj(n -> {
                    Arrays.fill(buffer, (byte) n);
                    return buffer;
                })
                .iterator();
    }

    private static int lastOf(byte[] chunk) {
        return chunk[0] == chunk[chunk.length - 1] ? chunk[0] : -1;
    }

    @Test
    @Rule(22)
    default void aBufferThatIsRefilledBetweenPullsIsTransportedAsItWasWhenPulled(ContractFixture fixture)
            throws Exception {
        fixture.needsNo(Capability.SHARED_MEMORY);
        List<Integer> expected = IntStream.range(0, 100).boxed().toList();
        for (int bytes : new int[] {1, 100_000}) {
            Iterable<byte[]> chunks = refillingOneBuffer(expected.size(), bytes);
            assertEquals(expected, fixture.runner().map(chunks, TransportRules::lastOf));
        }
    }

    @Test
    @Rule(22)
    default void anotherAttemptGetsTheInputAsItWasWhenPulled(ContractFixture fixture) throws Exception {
        fixture.needsNo(Capability.SHARED_MEMORY);
        List<Integer> expected = IntStream.range(0, 100).boxed().toList();
        RunOptions options =
                RunOptions.builder().retry(RetryPolicy.ofMaxAttempts(2)).build();
        TaskFunction<byte[], Integer> secondTime = chunk -> {
            if (TaskContext.current().attempt() == 1) {
                throw new IllegalStateException("not the first time");
            }
            return lastOf(chunk);
        };
        assertEquals(expected, fixture.runner().map(refillingOneBuffer(expected.size(), 8), secondTime, options));
    }

    @Test
    @Rule(22)
    default void theConsumerSeesWhatTheBodyWrote(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, int[]> write = n -> {
            int[] result = new int[100];
            for (int i = 0; i < result.length; i++) {
                result[i] = n;
            }
            return result;
        };
        List<Integer> inputs = IntStream.range(1, 1000).boxed().toList();
        int next = 1;
        for (int[] result : fixture.runner().map(inputs, write)) {
            assertNotNull(result);
            for (int value : result) {
                assertEquals(next, value);
            }
            next++;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Rule(20)
    default void aStageThatCannotTellHowItEndsIsAFailure(ThrownKind kind, ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Integer> asks = new Work.AsyncSpeechless(kind);
        // More tasks than any limit of the tests: each must free its permit.
        List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
        Future<List<Outcome<Integer, Integer>>> all =
                fixture.call(() -> ContractFixture.all(fixture.runner().mapOutcomes(inputs, asks)));
        for (Outcome<Integer, Integer> one : fixture.result(all)) {
            assertEquals(State.FAILED, one.state());
        }
    }
}
