package io.headrace.spark;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executors that the cluster cannot give the driver now. Its log says so at once: Spark itself waits half a minute, and then
 * knows no reason. With dynamic allocation the numbers may change every second, so the next lines are rare.
 */
final class Shortage {
    private static final Logger LOG = LoggerFactory.getLogger(Shortage.class);
    private static final long PAUSE_SECONDS = 30;

    private final LongSupplier clock;

    // Guarded by this.
    private boolean said;
    private long saidAt;
    private int has = Integer.MAX_VALUE;

    Shortage() {
        this(System::nanoTime);
    }

    /** For tests, whose clock counts nanoseconds as they like. */
    Shortage(LongSupplier clock) {
        this.clock = clock;
    }

    /** Takes what the agent says; an empty text: the driver has all that it wants, or will soon. */
    synchronized void told(int executors, String why) {
        if (why.isEmpty()) {
            has = Integer.MAX_VALUE;
            return;
        }
        has = executors;
        long now = clock.getAsLong();
        if (!said || TimeUnit.NANOSECONDS.toSeconds(now - saidAt) >= PAUSE_SECONDS) {
            said = true;
            saidAt = now;
            LOG.warn("cannot give the driver all executors now: {}", why);
        }
    }

    /** Returns how many of the wanted executors can be waited for: at least one of them. */
    synchronized int bound(int wanted) {
        return Math.min(wanted, Math.max(1, has));
    }
}
