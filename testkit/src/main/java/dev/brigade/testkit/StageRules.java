package dev.brigade.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.brigade.Outcome;
import dev.brigade.Outcome.State;
import dev.brigade.RetryPolicy;
import dev.brigade.RunOptions;
import dev.brigade.Task;
import dev.brigade.TaskFunction;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 7, 14 and 20: stages, and the failures of stages and other bodies. */
public interface StageRules extends Contract {

    @ParameterizedTest
    @EnumSource
    @Rule(7)
    default void aThrowableThatIsNeitherExceptionNorErrorArrivesAsItIs(BodyKind kind, ContractFixture fixture) {
        TaskFunction<Integer, Integer> plain = n -> {
            throw SerializationSample.OwnThrowable.<RuntimeException>thrown("mine");
        };
        TaskFunction<Integer, Integer> async =
                TaskFunction.async(n -> CompletableFuture.failedFuture(new SerializationSample.OwnThrowable("mine")));
        TaskFunction<Integer, Integer> function = kind == BodyKind.BLOCKING ? plain : async;
        Outcome<Integer, Integer> outcome = ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), function))
                .get(0);
        assertEquals(State.FAILED, outcome.state());
        assertEquals(
                "mine",
                assertInstanceOf(SerializationSample.OwnThrowable.class, outcome.exception())
                        .getMessage());
        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> fixture.runner().map(List.of(1), function));
        assertInstanceOf(SerializationSample.OwnThrowable.class, thrown.getCause());
    }

    @Test
    @Rule(7)
    default void whatAStageFailedWithArrivesWithoutItsWrappers(ContractFixture fixture) {
        TaskFunction<Integer, Integer> fails = TaskFunction.async(n -> CompletableFuture.<Integer>failedFuture(
                        new CompletionException(new CompletionException(new IOException("mine"))))
                .thenApply(same -> same));
        Outcome<Integer, Integer> outcome = ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), fails))
                .get(0);
        assertInstanceOf(IOException.class, outcome.exception());
    }

    @Test
    @Rule(7)
    default void anotherWrapperOfAStageArrivesAsItIs(ContractFixture fixture) {
        TaskFunction<Integer, Integer> fails = TaskFunction.async(n -> CompletableFuture.failedFuture(
                new CompletionException(new ExecutionException(new IOException("mine")))));
        Outcome<Integer, Integer> outcome = ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), fails))
                .get(0);
        Throwable wrapper = assertInstanceOf(ExecutionException.class, outcome.exception());
        assertInstanceOf(IOException.class, wrapper.getCause());
    }

    @Test
    @Rule(14)
    default void theRetryTestIsAskedAboutWhatTheStageFailedWith(ContractFixture fixture) {
        RunOptions options = RunOptions.builder()
                .retry(RetryPolicy.builder()
                        .maxAttempts(3)
                        .retryOn(IOException.class)
                        .build())
                .build();
        TaskFunction<Integer, Integer> fails = TaskFunction.async(n -> CompletableFuture.failedFuture(
                new CompletionException(new CompletionException(new IOException("mine")))));
        Outcome<Integer, Integer> outcome = ContractFixture.all(
                        fixture.runner().mapOutcomes(List.of(1), fails, options))
                .get(0);
        assertEquals(3, outcome.attempts());
    }

    @Test
    @Rule(20)
    default void aStageThatCannotBecomeAFutureIsWaitedFor(ContractFixture fixture) throws Exception {
        TaskFunction<Integer, Integer> doubles =
                TaskFunction.async(n -> Work.withoutFuture(CompletableFuture.supplyAsync(() -> 2 * n, Runnable::run)));
        assertEquals(List.of(2, 4, 6), fixture.runner().map(List.of(1, 2, 3), doubles));
        Task<Integer> fails =
                Task.async(() -> Work.withoutFuture(CompletableFuture.<Integer>failedFuture(new IOException("mine"))));
        Outcome<Void, Integer> outcome = fixture.runner().submit(fails).awaitOutcome();
        assertInstanceOf(IOException.class, outcome.exception());
    }

    @Test
    @Rule(20)
    @SuppressWarnings("NullAway") // the mistake under test
    default void noStageIsAFailureThatSaysSo(ContractFixture fixture) {
        TaskFunction<Integer, Integer> none = TaskFunction.async(n -> null);
        Outcome<Integer, Integer> outcome = ContractFixture.all(fixture.runner().mapOutcomes(List.of(1), none))
                .get(0);
        Throwable failure = assertInstanceOf(NullPointerException.class, outcome.exception());
        assertEquals(true, Objects.requireNonNull(failure.getMessage()).contains("CompletionStage"));
    }
}
