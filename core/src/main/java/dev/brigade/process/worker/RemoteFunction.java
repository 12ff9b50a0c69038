package dev.brigade.process.worker;

import dev.brigade.TaskFunction;
import dev.brigade.process.protocol.Frame;
import dev.brigade.process.protocol.ProgressFile;
import dev.brigade.spi.TaskForm;
import dev.brigade.transport.Codec;
import dev.brigade.transport.Payload;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call as the worker sees it: its function, decoded by the first body that needs it.
 *
 * <p>Design note: made by the reader's thread before any item that refers to it, then used on the body's thread alone; the inbox
 * orders the two.
 */
final class RemoteFunction {
    private final int id;
    private final TaskForm form;
    final long taskTimeoutNanos;
    private final @Nullable Payload encodedContext;
    private @Nullable Payload encodedFunction;
    private @Nullable TaskFunction<@Nullable Object, @Nullable Object> function;
    private @Nullable Map<String, Map<String, String>> context;

    RemoteFunction(Frame function, @Nullable Payload context) {
        id = function.call();
        form = TaskForm.ofCode(function.number());
        encodedFunction = new Payload(function.kind(), function.bytes());
        this.encodedContext = context;
        taskTimeoutNanos = function.nanos();
    }

    /** The call's number while its context and function are not decoded yet; then 0. */
    int undecoded() {
        return function == null ? id : ProgressFile.NONE;
    }

    /** The function; runs the user's code. */
    @SuppressWarnings("unchecked") // the parent's lane is typed, and sends inputs that fit its function
    TaskFunction<@Nullable Object, @Nullable Object> function(Codec codec, ProgressFile progress) {
        TaskFunction<@Nullable Object, @Nullable Object> ready = function;
        Payload encoded = encodedFunction;
        if (ready == null && encoded != null) {
            Object decoded = codec.decode(encoded);
            ready = decoded == null ? null : (TaskFunction<@Nullable Object, @Nullable Object>) form.restore(decoded);
            encodedFunction = null;
            if (ready != null) {
                progress.decoded();
                function = ready;
            }
        }
        if (ready == null) {
            throw new IllegalStateException("the call's function decoded to null");
        }
        return ready;
    }

    /** The caller's context; empty when there is none. */
    @SuppressWarnings("unchecked") // sent by our own parent
    Map<String, Map<String, String>> context(Codec codec) {
        Map<String, Map<String, String>> ready = context;
        if (ready == null) {
            Payload encoded = encodedContext;
            Object decoded = encoded == null ? null : codec.decode(encoded);
            ready = decoded == null ? Map.of() : (Map<String, Map<String, String>>) decoded;
            context = ready;
        }
        return ready;
    }
}
