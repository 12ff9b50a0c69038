package dev.brigade.testkit;

import dev.brigade.Capability;
import dev.brigade.Outcome;
import dev.brigade.Outcomes;
import dev.brigade.RunOptions;
import dev.brigade.Runner;
import dev.brigade.TaskFunction;
import dev.brigade.runner.ProcessRunner;
import dev.brigade.runner.SequentialRunner;
import dev.brigade.runner.ThreadRunner;
import dev.brigade.testkit.CallFormMutants.Part;
import dev.brigade.testkit.LooseBackend.Fault;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The broken runners, at least one for each rule; {@link MutantRunners} has those that need a class. */
final class Mutants {
    private Mutants() {}

    static List<Mutant> all() {
        return List.of(
                new Mutant(1, "gives results in reverse", s -> new MutantRunners.Reverses(threads(s))),
                new Mutant(
                        1,
                        "takes references to one method for one",
                        s -> new MutantRunners.ConfusesReferences(threads(s))),
                new Mutant(2, "drops the last outcome", s -> new Tampers(threads(s), Fate.DROP_LAST)),
                new Mutant(3, "waits for input order", s -> new Options(threads(s), Option.ORDERED)),
                new Mutant(4, "pulls eagerly", s -> new MutantRunners.PullsEagerly(threads(s))),
                new Mutant(4, "widens the buffer by one", s -> new Options(threads(s), Option.WIDER)),
                new Mutant(
                        5, "ends where the input throws", s -> new MutantRunners.EndsWhereTheInputThrows(threads(s))),
                new Mutant(
                        5,
                        "joins where the input throws",
                        s -> new HalfBrokenRunners.JoinsWhereTheInputThrows(threads(s))),
                new Mutant(
                        5,
                        "takes no iterator for no input",
                        s -> new StageMutants.TakesNoIteratorForNoInput(threads(s))),
                new Mutant(
                        5, "wraps what makes no iterator", s -> new StageMutants.WrapsWhatMakesNoIterator(threads(s))),
                new Mutant(6, "joins before it throws", s -> new MutantRunners.Joins(threads(s))),
                new Mutant(6, "suppresses without end", s -> new HalfBrokenRunners.SuppressesAll(threads(s))),
                new Mutant(6, "forgets failures", s -> new CallFormMutants.ForgetsFailures(threads(s))),
                new Mutant(7, "misjudges exceptions", s -> new Tampers(threads(s), Fate.MISJUDGE)),
                new Mutant(7, "wraps strange throwables", s -> new StageMutants.WrapsStrangers(threads(s))),
                new Mutant(7, "takes off one wrapper", s -> new StageMutants.TakesOffOneWrapper(threads(s))),
                new Mutant(7, "takes off all wrappers", s -> new StageMutants.TakesOffAllWrappers(threads(s))),
                new Mutant(8, "has no limit", s -> LooseBackend.runner(2, s, Fault.NO_LIMIT)),
                new Mutant(8, "frees places too early", s -> LooseBackend.runner(2, s, Fault.EARLY_END)),
                new Mutant(9, "counts the queue", s -> LooseBackend.runner(2, s, Fault.EARLY_CLOCK)),
                new Mutant(10, "interrupts late", s -> LooseBackend.runner(2, s, Fault.LATE_INTERRUPT)),
                new Mutant(10, "leaks interrupts", s -> new HalfBrokenRunners.LeaksInterrupts(threads(s))),
                new Mutant(10, "swallows interrupts", s -> new HalfBrokenRunners.SwallowsInterrupts(sequential(s))),
                new Mutant(
                        10,
                        "swallows the submitter's interrupt",
                        s -> new HalfBrokenRunners.SwallowsTheSubmittersInterrupt(sequential(s))),
                new Mutant(
                        10,
                        "interrupts a nested task's parent",
                        s -> LooseBackend.runner(2, s, Fault.INTERRUPTS_THE_SUBMITTER)),
                new Mutant(
                        10,
                        "swallows a parent's interrupt",
                        s -> LooseBackend.runner(2, s, Fault.SWALLOWS_AROUND_NESTED)),
                new Mutant(11, "ends quietly when cut short", s -> new Tampers(threads(s), Fate.END_QUIETLY)),
                new Mutant(12, "claims to be prompt", s -> new ClaimsToBePrompt(sequential(s))),
                new Mutant(
                        12,
                        "reports before the death",
                        s -> new HalfBrokenRunners.ReportsBeforeTheDeath(OneWorkerContractTest.workers(1, s))),
                new Mutant(13, "cancels in name only", s -> new MutantRunners.CancelsInNameOnly(threads(s))),
                new Mutant(
                        13,
                        "waits for cancelled commands",
                        s -> new HalfBrokenRunners.WaitsForCancelledCommands(threads(s))),
                new Mutant(13, "stops at the action that throws", s -> LooseBackend.runner(2, s)),
                new Mutant(
                        13,
                        "cancels the future of a batch alone",
                        s -> new CallFormMutants.CancelsTheFutureAlone(threads(s))),
                withoutPart("retries whatever fails", "whatThePolicyAbortsOnIsNotTriedAgain", Part.CONDITIONS),
                withoutPart("retries however long", "noAttemptBeginsAfterTheLongestDuration", Part.DURATION),
                withoutPart("tells of no retry", "eachRetryIsTold", Part.LISTENER),
                withoutPart(
                        "lets its retry listener throw", "aRetryListenerThatThrowsHarmsNothing", Part.LISTENERS_GUARD),
                new Mutant(14, "tries again inside the body", s -> new MutantRunners.RetriesInside(threads(s))),
                new Mutant(14, "asks about the wrapper", s -> new StageMutants.AsksAboutTheWrapper(threads(s))),
                new Mutant(14, "tries again where the test throws", s -> new Options(threads(s), Option.RETRY_ANYWAY)),
                new Mutant(14, "lets attempts overlap", s -> LooseBackend.runner(2, s, Fault.EARLY_END)),
                new Mutant(15, "loses the context", s -> LooseBackend.runner(2, s, Fault.NO_CONTEXT)),
                new Mutant(15, "leaks the context", s -> LooseBackend.runner(2, s, Fault.LEAKY_CONTEXT)),
                new Mutant(15, "has the platform's loader", s -> new StageMutants.HasThePlatformsLoader(threads(s))),
                new Mutant(15, "inherits from whoever starts it", s -> LooseBackend.runner(2, s)),
                new Mutant(
                        15,
                        "fails where a propagator throws",
                        s -> new HalfBrokenRunners.FailsWhereAPropagatorThrows(threads(s))),
                new Mutant(16, "waits for itself", s -> LooseBackend.runner(1, s)),
                new Mutant(16, "has a plain pool for a view", s -> new MutantRunners.HasAPlainPool(threads(s))),
                new Mutant(16, "wakes one of several that wait", s -> new MutantRunners.WakesOne(threads(3, s))),
                new Mutant(17, "does not close", s -> new MutantRunners.DoesNotClose(threads(s))),
                new Mutant(
                        17,
                        "refuses late",
                        "callsAfterCloseAreRejected",
                        s -> new CallFormMutants.RefusesLate(threads(s))),
                new Mutant(17, "closes only once", s -> new MutantRunners.ClosesOnce(threads(s))),
                new Mutant(17, "gives up when interrupted", s -> new HalfBrokenRunners.ClosesInPassing(threads(s))),
                new Mutant(18, "ignores the order", s -> new Options(threads(s), Option.UNORDERED)),
                new Mutant(18, "ignores the retry", s -> new Options(threads(s), Option.NO_RETRY)),
                new Mutant(18, "forgets invokeAny's options", s -> new CallFormMutants.ForgetsOptions(threads(s))),
                new Mutant(
                        18, "forgets submit's options", s -> new HalfBrokenRunners.ForgetsSubmitsOptions(threads(s))),
                new Mutant(19, "is not strict", Mutants::threadsUnchecked),
                new Mutant(20, "makes futures of stages", s -> new StageMutants.MakesFutures(threads(s))),
                new Mutant(20, "says nothing of no stage", s -> new StageMutants.SaysNothingOfNoStage(threads(s))),
                new Mutant(20, "passes stages on", s -> LooseBackend.runner(2, s)),
                new Mutant(
                        20, "waits for a stage that cannot tell", s -> new HalfBrokenRunners.WaitsForever(threads(s))),
                new Mutant(21, "blames everybody", s -> new Tampers(processes(s), Fate.BLAME_ALL)),
                new Mutant(22, "sends stale objects", s -> new MutantRunners.SendsStaleObjects(threads(s))),
                new Mutant(22, "encodes late", s -> LooseBackend.runner(2, s, Fault.LATE_ENCODING)),
                new Mutant(23, "tells from elsewhere", s -> new Options(threads(s), Option.TELL_ELSEWHERE)),
                new Mutant(23, "lets its listener throw", s -> new HalfBrokenRunners.LetsItsListenerThrow(threads(s))),
                new Mutant(24, "gives outcomes in chunks", s -> new Tampers(threads(s), Fate.CHUNK)));
    }

    static Runner threads(RunnerSettings settings) {
        return threads(2, settings);
    }

    private static Runner threads(int count, RunnerSettings settings) {
        return ThreadRunner.builder()
                .maxConcurrency(count)
                .closeTimeout(settings.closeTimeout())
                .strict(settings.strict())
                .build();
    }

    private static Runner threadsUnchecked(RunnerSettings settings) {
        return ThreadRunner.builder()
                .maxConcurrency(2)
                .closeTimeout(settings.closeTimeout())
                .build();
    }

    private static Runner sequential(RunnerSettings settings) {
        return SequentialRunner.builder().closeTimeout(settings.closeTimeout()).build();
    }

    private static Runner processes(RunnerSettings settings) {
        return ProcessRunner.builder()
                .workers(2)
                .closeTimeout(settings.closeTimeout())
                .build();
    }

    private enum Fate {
        DROP_LAST,
        MISJUDGE,
        END_QUIETLY,
        BLAME_ALL,
        CHUNK
    }

    /** Changes outcomes on their way to the consumer. */
    private static final class Tampers extends BrokenRunner {
        private final Fate fate;

        Tampers(Runner sound, Fate fate) {
            super(sound);
            this.fate = fate;
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return new BrokenOutcomes<>(super.mapOutcomes(inputs, function, options), this::tamper);
        }

        private <I, R> Iterator<Outcome<I, R>> tamper(Iterator<Outcome<I, R>> outcomes) {
            return switch (fate) {
                case DROP_LAST -> TamperedIterators.withoutTheLast(outcomes);
                case MISJUDGE -> TamperedIterators.misjudging(outcomes);
                case END_QUIETLY -> TamperedIterators.endingQuietly(outcomes);
                case BLAME_ALL -> TamperedIterators.blamingAll(outcomes);
                case CHUNK -> TamperedIterators.inChunks(outcomes);
            };
        }
    }

    private enum Option {
        ORDERED,
        UNORDERED,
        NO_RETRY,
        RETRY_ANYWAY,
        WIDER,
        TELL_ELSEWHERE
    }

    /** Changes one of the options. */
    private static final class Options extends BrokenRunner {
        private final Option option;

        Options(Runner sound, Option option) {
            super(sound);
            this.option = option;
        }

        @Override
        public <I, R> Outcomes<I, R> mapOutcomes(
                Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
            return super.mapOutcomes(inputs, function, changed(options));
        }

        private RunOptions changed(RunOptions options) {
            RunOptions.Builder changed = options.toBuilder();
            switch (option) {
                case ORDERED -> changed.ordered(true);
                case UNORDERED -> changed.ordered(false);
                case NO_RETRY -> changed.retry(dev.brigade.RetryPolicy.none());
                case RETRY_ANYWAY ->
                    changed.retry(dev.brigade.RetryPolicy.builder()
                            .maxAttempts(options.retry().maxAttempts())
                            .delay(options.retry().delayAfter(1))
                            .retryIf(failure -> retriesOrThrows(options, failure))
                            .build());
                case WIDER -> options.buffer().ifPresent(size -> changed.buffer(size + 1));
                case TELL_ELSEWHERE ->
                    options.onProgress()
                            .ifPresent(listener -> changed.onProgress(
                                    progress -> ContractFixture.daemon(() -> listener.accept(progress))
                                            .start()));
            }
            return changed.build();
        }
    }

    private static Mutant withoutPart(String name, String test, Part lost) {
        return new Mutant(14, name, test, s -> new BrokenRunner(threads(s)) {
            @Override
            public <I, R> Outcomes<I, R> mapOutcomes(
                    Iterable<? extends I> inputs, TaskFunction<? super I, ? extends R> function, RunOptions options) {
                RunOptions poorer = options.toBuilder()
                        .retry(CallFormMutants.without(lost, options.retry()))
                        .build();
                return super.mapOutcomes(inputs, function, poorer);
            }
        });
    }

    private static boolean retriesOrThrows(RunOptions options, Throwable failure) {
        try {
            return options.retry().retries(1, failure);
        } catch (Throwable t) {
            return true;
        }
    }

    /** Claims PROMPT_TIMEOUT, which the sound runner does not have. */
    private static final class ClaimsToBePrompt extends BrokenRunner {
        ClaimsToBePrompt(Runner sound) {
            super(sound);
        }

        @Override
        public Set<Capability> capabilities() {
            return EnumSet.of(Capability.SHARED_MEMORY, Capability.PROMPT_TIMEOUT);
        }
    }
}
