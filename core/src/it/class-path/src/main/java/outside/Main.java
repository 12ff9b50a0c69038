package outside;

import dev.brigade.RunOptions;

final class Main {
    public static void main(String[] arguments) {
        System.out.println(RunOptions.defaults() + " " + RunOptions.class.getModule());
    }
}
