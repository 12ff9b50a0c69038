package dev.brigade.process.worker;

import dev.brigade.transport.Payload;

/**
 * An item as the worker sees it.
 *
 * @param id the parent's number for it
 * @param call the call, whose function it is an input of
 * @param input the encoded input
 * @param context what its body will see as its context
 */
public record QueuedTask(int id, RemoteFunction call, Payload input, WorkerTaskContext context) {}
