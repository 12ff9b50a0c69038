/** Timelines of what runners ran: as text, as a page of its own, and for trace viewers. */
module dev.brigade.timeline {
    requires transitive dev.brigade.core;
    requires static transitive org.jspecify;

    exports dev.brigade.timeline;
}
