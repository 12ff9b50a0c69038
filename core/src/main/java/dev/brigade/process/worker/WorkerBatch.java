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
 * A batch as the worker sees it: its function, which the first body that needs it decodes.
 *
 * <p>Design note: the main thread makes it before any task that refers to it. Afterwards only the body's thread uses it; the inbox orders
 * the two.
 */
final class WorkerBatch {
    private final int id;
    private final TaskForm form;
    final long taskTimeoutNanos;
    private final @Nullable Payload encodedContext;
    private @Nullable Payload encodedFunction;
    private @Nullable TaskFunction<@Nullable Object, @Nullable Object> function;
    private @Nullable Map<String, Map<String, String>> context;

    WorkerBatch(Frame function, @Nullable Payload context) {
        id = function.batch();
        form = TaskForm.ofCode(function.number());
        encodedFunction = new Payload(function.kind(), function.bytes());
        this.encodedContext = context;
        taskTimeoutNanos = function.nanos();
    }

    /** Returns the batch's number while its context and function are not decoded; 0 afterwards. */
    int undecoded() {
        return function == null ? id : ProgressFile.NONE;
    }

    /** Returns the function; runs user code. */
    @SuppressWarnings("unchecked") // the parent's session is typed, and sends inputs that fit its function
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
            throw new IllegalStateException("the batch's function decoded to null");
        }
        return ready;
    }

    /** Returns the caller's context; empty if there is none. */
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
