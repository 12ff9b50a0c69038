package dev.brigade.testkit;

/**
 * All rules of the contract, as JUnit 5 tests. To run them on a runner, supply it:
 *
 * <pre>{@code
 * class MyRunnerTest implements RunnerContract {
 *     public Runner newRunner(RunnerSettings settings) {
 *         return new BackendRunner("mine", new MyBackend(), settings.closeTimeout());
 *     }
 * }
 * }</pre>
 *
 * <p>Each test is named as the fact that it proves, and says with {@link Rule} which rule that belongs to. A test that needs a
 * {@link dev.brigade.Capability} which the runner does not claim is skipped, and says so. A runner without shared memory serves
 * several tests, as long as they pass and leave it open; any other is made for each test. Bodies signal through files and may run
 * in other processes; all waits are bounded, by {@value ContractFixtureExtension#PATIENCE} (milliseconds, a JUnit configuration
 * parameter; the default is 20,000).
 */
public interface RunnerContract
        extends ResultRules,
                PullRules,
                FailureRules,
                LimitRules,
                TimeoutRules,
                InterruptRules,
                CancelRules,
                RetryRules,
                ContextRules,
                CloseRules,
                OptionRules,
                StageRules,
                TransportRules,
                CallFormRules {}
