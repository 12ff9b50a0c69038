package dev.brigade.process.worker;

import dev.brigade.transport.Payload;

/**
 * A task as the worker sees it.
 *
 * @param id the number of the attempt, as the parent counts
 * @param batch the batch, with the function for the input
 * @param input the encoded input
 * @param context the context that its body will see
 */
public record QueuedTask(int id, WorkerBatch batch, Payload input, WorkerTaskContext context) {}
