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
 * <p>Each test is named after the fact that it proves, and its {@link Rule} is the rule of that fact. A test that needs a
 * {@link dev.brigade.Capability} which the runner does not claim is skipped, and says so. A runner without shared memory serves
 * several tests, as long as they pass and leave it open. Any other runner is made anew for each test. Bodies signal through files and
 * may run in other processes. All waits are bounded, by {@value ContractFixtureExtension#PATIENCE} (milliseconds, a JUnit configuration
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
