package io.headrace.spark;

/**
 * Loads what drivers and executors load, so that the JVM which runs it can write an archive of class data for both: it rehearses
 * once as each.
 */
public final class ClassDataJob {
    private ClassDataJob() {
    }

    /** Takes the program of a Python, or nothing. */
    public static void main(String[] args) throws Exception {
        Rehearsal.asDriver(args.length > 0 ? args[0] : "", 1);
        Rehearsal.asExecutor(1);
        System.exit(0); // threads that Spark leaves would keep the process
    }
}
