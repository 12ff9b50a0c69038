package dev.brigade.transport;

import java.io.ObjectStreamClass;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shortest path from an object to the part of it that is not serializable, such as
 * {@code Order.customer -> Customer.connection (java.net.Socket)}.
 *
 * <p>The search reads fields by reflection as far as modules allow and, for collections and other classes of the JDK, asks
 * serialization itself. It calls no method of the objects but {@code writeReplace}, as serialization does. It goes breadth first, with
 * a set of the objects that it has seen, so that cycles end; it is bounded by {@link #MAX_NODES}. Not thread-safe.
 */
final class NonSerializablePath {
    private static final int MAX_NODES = 20_000;
    private static final int MAX_STEPS = 30;
    private static final String REMEDY = ": give it the type Task, TaskFunction or another that extends Serializable";

    private final String culprit;
    private final ArrayDeque<Node> queue = new ArrayDeque<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private NonSerializablePath(String culprit) {
        this.culprit = culprit;
    }

    /** An object, the object written for it, and the step to it: a field or, after its parent's step, an index in brackets. */
    private record Node(
            Object original, Object value, @Nullable Node parent, String step) {}

    /**
     * Finds the path.
     *
     * @param root the object to be written
     * @param culprit the class that serialization refused
     * @return the path, and the statement that the object at its end is not serializable; null when it was not found
     */
    static @Nullable String find(Object root, String culprit) {
        Node found = new NonSerializablePath(culprit).search(root);
        if (found == null) {
            return null;
        }
        String remedy = isLambda(found.value) ? REMEDY : "";
        if (found.parent == null) {
            return "it is not serializable" + remedy;
        }
        return render(found) + " (" + name(found.value) + ") is not serializable" + remedy;
    }

    /** Returns the name of an object in a message. */
    static String name(Object value) {
        if (SerializedFormProbe.of(value) instanceof SerializedLambda lambda) {
            return "the " + nameOf(lambda);
        }
        String className = value.getClass().getName();
        int mark = className.indexOf("$$Lambda");
        return mark < 0 ? value.getClass().getTypeName() : "a lambda in " + className.substring(0, mark);
    }

    private @Nullable Node search(Object root) {
        push(root, null, "");
        for (Node node = queue.poll(); node != null; node = queue.poll()) {
            if (isCulprit(node.value)) {
                return node;
            }
            expand(node);
        }
        return null;
    }

    private boolean isCulprit(Object value) {
        // the name may be followed by a line break and the text that sun.io.serialization.extendedDebugInfo adds
        String name = value.getClass().getName();
        return !(value instanceof Serializable)
                && culprit.startsWith(name)
                && (culprit.length() == name.length() || culprit.charAt(name.length()) == '\n');
    }

    private void push(@Nullable Object value, @Nullable Node parent, String step) {
        if (value == null || value instanceof String || value instanceof Enum || value instanceof Class) {
            return;
        }
        if (seen.size() < MAX_NODES && seen.add(value)) {
            queue.add(new Node(value, SerializedFormProbe.of(value), parent, step));
        }
    }

    private void expand(Node node) {
        if (node.value instanceof Object[] array) {
            for (int i = 0; i < array.length && seen.size() < MAX_NODES; i++) {
                push(array[i], node, "[" + i + "]");
            }
        } else if (node.value instanceof SerializedLambda lambda) {
            for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
                push(lambda.getCapturedArg(i), node, captured(lambda, i));
            }
        } else if (node.value instanceof Serializable) {
            boolean complete = pushFields(node);
            if (!complete || SerializedFormProbe.hasJdkLevel(node.value.getClass())) {
                for (Object part : SerializedFormProbe.parts(node.value)) {
                    push(part, node, ElementNames.of(node.original, part));
                }
            }
        }
    }

    /** Returns true if all fields of classes that are not the JDK's could be read. */
    private boolean pushFields(Node node) {
        boolean complete = true;
        Class<?> type = node.value.getClass();
        for (; type != null && Serializable.class.isAssignableFrom(type); type = type.getSuperclass()) {
            if (SerializedFormProbe.isJdk(type)) {
                continue;
            }
            for (ObjectStreamField field : ObjectStreamClass.lookup(type).getFields()) {
                complete &= field.isPrimitive() || pushField(node, type, field.getName());
            }
        }
        return complete;
    }

    private boolean pushField(Node node, Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            push(field.get(node.value), node, fieldStep(type, name));
            return true;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return false; // not a real field (serialPersistentFields), or in a module that is not open
        }
    }

    private static String fieldStep(Class<?> type, String name) {
        if (name.startsWith("this$")) {
            return "the outer instance captured by " + shortName(type);
        }
        if (name.startsWith("val$")) {
            return "the variable " + name.substring("val$".length()) + " captured by " + shortName(type);
        }
        return shortName(type) + "." + name;
    }

    private static String captured(SerializedLambda lambda, int index) {
        if (index == 0 && lambda.getImplMethodKind() != MethodHandleInfo.REF_invokeStatic) {
            return (isReference(lambda) ? "the receiver of the " : "this, captured by the ") + nameOf(lambda);
        }
        boolean instance = lambda.getImplMethodKind() != MethodHandleInfo.REF_invokeStatic;
        return "captured argument " + (instance ? index : index + 1) + " of the " + nameOf(lambda);
    }

    private static boolean isReference(SerializedLambda lambda) {
        return !lambda.getImplMethodName().startsWith("lambda$");
    }

    /** Returns the name of a lambda in a message. Its method is called lambda$method$number, or lambda$method$hash$number. */
    static String nameOf(SerializedLambda lambda) {
        String owner = lambda.getImplClass().replace('/', '.');
        String method = lambda.getImplMethodName();
        if (isReference(lambda)) {
            return "method reference " + owner + "::" + (method.equals("<init>") ? "new" : method);
        }
        int from = "lambda$".length();
        int to = method.indexOf('$', from);
        String where = to < 0 ? method.substring(from) : method.substring(from, to);
        return switch (where) {
            case "new" -> "lambda in a constructor of " + owner;
            case "static" -> "lambda in a static initializer of " + owner;
            default -> "lambda in " + owner + "." + where;
        };
    }

    private static boolean isLambda(Object value) {
        return value.getClass().getName().contains("$$Lambda");
    }

    private static String shortName(Class<?> type) {
        return type.getName().substring(type.getName().lastIndexOf('.') + 1);
    }

    private static String render(Node found) {
        ArrayDeque<Node> way = new ArrayDeque<>();
        for (Node node = found; node.parent != null; node = node.parent) {
            way.push(node);
        }
        StringBuilder text = new StringBuilder();
        int left = way.size();
        for (Node node : way) {
            boolean shown = way.size() <= MAX_STEPS || left > way.size() - MAX_STEPS / 2 || left <= MAX_STEPS / 2;
            if (shown) {
                append(text, node);
            } else if (left == MAX_STEPS / 2 + 1) {
                text.append(" -> ... ").append(way.size() - MAX_STEPS).append(" more ...");
            }
            left--;
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Node node) {
        boolean attached = node.step.startsWith("[");
        if (attached && text.length() == 0 && node.parent != null) {
            Class<?> type = node.parent.original.getClass();
            text.append(shortName(type.isArray() ? type.getComponentType() : type));
        } else if (!attached && text.length() > 0) {
            text.append(" -> ");
        }
        text.append(node.step);
    }
}
