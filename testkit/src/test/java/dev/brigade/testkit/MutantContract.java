package dev.brigade.testkit;

import dev.brigade.Runner;
import java.util.concurrent.atomic.AtomicReference;

/** The contract, as it is run on broken runners by {@link MutationTest}; not run by the build itself. */
final class MutantContract implements RunnerContract {
    /** Which one is broken now. */
    static final AtomicReference<Mutant> CURRENT = new AtomicReference<>(new Mutant(0, "sound", Mutants::threads));

    @Override
    public Runner newRunner(RunnerSettings settings) {
        return CURRENT.get().make().apply(settings);
    }
}
