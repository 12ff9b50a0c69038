package dev.brigade.testkit;

import dev.brigade.Runner;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What all groups of rules have in common: the runner under test, and the bench that each test gets.
 *
 * <p>Implement {@link RunnerContract} to run all rules, or one group alone, {@link LimitRules} say.
 */
@ExtendWith(ContractFixtureExtension.class)
public interface Contract {

    /**
     * Makes a runner to be tested; the tests close it.
     *
     * @param settings what the test needs
     * @return the runner, open
     * @throws UnsupportedOperationException when this runner cannot be had with those settings (strict, say); the test is then
     *     skipped, with the exception's message
     */
    Runner newRunner(RunnerSettings settings);
}
