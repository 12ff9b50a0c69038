package dev.brigade.worker;

import dev.brigade.transport.Payload;

/**
 * An item as the worker sees it.
 *
 * @param id the parent's number for it
 * @param call the call, whose function it is an input of
 * @param input the encoded input
 * @param context what its body will see as its context
 */
record Assignment(int id, CallState call, Payload input, WorkerContext context) {}
