package io.headrace.spark;

import java.io.IOException;

/** Starts the executor of a rehearsal. */
interface Launcher {
    /** Begins to run an executor, and returns at once. */
    void execute(Launch launch) throws IOException;

    /** Returns when the executor has ended; the driver's context has stopped before. */
    default void finish() throws IOException {
    }
}
