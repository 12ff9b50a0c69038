package dev.brigade.testkit;

import dev.brigade.Runner;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The base of all groups of rules: the runner under test, and the {@link ContractFixture} that each test gets.
 *
 * <p>Implement {@link RunnerContract} to run all rules, or one group alone, {@link LimitRules} say.
 */
@ExtendWith(ContractFixtureExtension.class)
public interface Contract {

    /**
     * Makes a runner to be tested; the tests close it.
     *
     * @param settings the settings that the test needs
     * @return the runner, open
     * @throws UnsupportedOperationException when the runner does not support the settings (strict, say); the test is then
     *     skipped, with the exception's message
     */
    Runner newRunner(RunnerSettings settings);
}
