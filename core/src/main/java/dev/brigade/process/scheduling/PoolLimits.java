package dev.brigade.process.scheduling;

/**
 * The numbers that a pool's decisions go by.
 *
 * @param workers how many workers there are at most
 * @param maxTasksPerWorker after so many tasks a worker is replaced; 0 for no limit
 * @param graceNanos how long a stopped task has before its worker is killed
 * @param idleNanos after so long without a task a worker leaves; {@link #NEVER} for never
 * @param startNanos how long a worker may take to get ready
 * @param initializerBytes the size of what each worker runs before it is ready; 0 for nothing
 * @param mainClass the workers' main class, for messages
 */
public record PoolLimits(
        int workers,
        int maxTasksPerWorker,
        long graceNanos,
        long idleNanos,
        long startNanos,
        long initializerBytes,
        String mainClass) {
    /** In the place of a time: the thing does not happen. */
    public static final long NEVER = -1;
}
