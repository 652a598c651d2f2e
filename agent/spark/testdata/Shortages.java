package io.headrace.spark;

import java.util.concurrent.TimeUnit;

/** Tells a driver of executors that it cannot have, and says how many it waits for. */
final class Shortages {
    private static long now = Long.MAX_VALUE - 5; // the clock may pass its end

    private Shortages() {
    }

    public static void main(String[] arguments) {
        Shortage shortage = new Shortage(() -> now);
        System.out.println("before: " + shortage.bound(3) + " of 3, " + shortage.bound(0) + " of 0");
        shortage.told(2, "the first");
        System.out.println("short: " + shortage.bound(3) + " of 3, " + shortage.bound(1) + " of 1, " + shortage.bound(0) + " of 0");
        shortage.told(0, "at once");
        System.out.println("none: " + shortage.bound(3) + " of 3, " + shortage.bound(0) + " of 0");
        shortage.told(0, "");
        System.out.println("over: " + shortage.bound(3) + " of 3");
        now += TimeUnit.SECONDS.toNanos(29);
        shortage.told(1, "too early");
        now += TimeUnit.SECONDS.toNanos(1);
        shortage.told(1, "later");
    }
}
