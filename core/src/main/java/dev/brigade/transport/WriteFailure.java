package dev.brigade.transport;

import java.io.NotSerializableException;

/** Says in words why an object could not be written. */
final class WriteFailure {
    private WriteFailure() {}

    static UntransportableException explain(Object root, Throwable failure) {
        String why;
        try {
            why = why(root, failure);
        } catch (Throwable e) { // the search goes through the same objects, and may fail as the writing did
            why = FailureText.oneLine(failure);
        }
        return new UntransportableException(
                root.getClass().getName(), SerializationPath.name(root) + " cannot be transported: " + why, failure);
    }

    private static String why(Object root, Throwable failure) {
        if (failure instanceof NotSerializableException) {
            String culprit = String.valueOf(failure.getMessage());
            String path = SerializationPath.find(root, culprit);
            return path == null ? culprit + " is not serializable" : path;
        }
        if (failure instanceof ByteSink.FullException) {
            return String.valueOf(failure.getMessage());
        }
        if (failure instanceof StackOverflowError) {
            return "its objects are nested too deeply for the stack (StackOverflowError)";
        }
        if (failure instanceof OutOfMemoryError) {
            return "no memory was left for its encoded form (" + FailureText.oneLine(failure) + ")";
        }
        return "its serialization threw " + FailureText.oneLine(failure);
    }
}
