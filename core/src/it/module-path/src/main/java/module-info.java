module outside {
    requires dev.brigade.core;
}
