package dev.brigade.process.scheduling;

/**
 * The numbers that a pool's decisions go by.
 *
 * @param workers the maximum number of workers
 * @param maxTasksPerWorker the number of tasks after which a worker is replaced; 0 for no limit
 * @param graceNanos the time that a stopped task has before its worker is killed
 * @param idleNanos the time without a task after which a worker leaves; {@link #NEVER} for never
 * @param startNanos the time that a worker may take to get ready
 * @param initializerBytes the size of the initializer that each worker runs before it is ready; 0 for none
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
    /** Stands for a time that never comes. */
    public static final long NEVER = -1;
}
