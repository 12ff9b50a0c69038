module outside {
    requires dev.brigade.core;
    requires dev.brigade.testkit;
    requires org.junit.platform.launcher;
    requires org.junit.platform.engine;

    exports outside;
}
