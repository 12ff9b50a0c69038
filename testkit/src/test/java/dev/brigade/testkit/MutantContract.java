package dev.brigade.testkit;

import dev.brigade.Runner;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The contract, as it is run on broken runners by {@link MutationTest}; not run by the build itself. */
@ExtendWith(MutantContract.Chosen.class)
final class MutantContract implements RunnerContract {
    /** The configuration parameter that selects the mutant: its index in {@link Mutants#all()}, or {@link #NONE}. */
    static final String MUTANT = "brigade.testkit.mutant";

    static final int NONE = -1;

    private final Mutant mutant;

    MutantContract(Mutant mutant) {
        this.mutant = mutant;
    }

    @Override
    public Runner newRunner(RunnerSettings settings) {
        return mutant.make().apply(settings);
    }

    static final class Chosen implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Mutant.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            int index =
                    context.getConfigurationParameter(MUTANT, Integer::valueOf).orElseThrow();
            return index == NONE
                    ? new Mutant(0, "is sound", Mutants::threads)
                    : Mutants.all().get(index);
        }
    }
}
