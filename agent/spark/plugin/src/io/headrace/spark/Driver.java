package io.headrace.spark;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.network.util.JavaUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * The main class of every driver: SparkSubmit, and then the end. When the program's main has returned or its Python has exited, its
 * context is stopped, so that its executors go, and the process ends after a grace with main's outcome, whatever threads still live.
 */
public final class Driver {
    private static final Logger LOG = LoggerFactory.getLogger(Driver.class);
    private static final String GRACE = "spark.headrace.exitGrace";
    private static final String DEFAULT_GRACE = "30s";

    /** Spark's own programs whose main returns while they serve. Spark excepts the same one where it stops contexts itself. */
    private static final String SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2";

    private Driver() {
    }

    /** Takes the arguments of SparkSubmit. */
    public static void main(String[] args) {
        Submission.note(List.of(args));
        int outcome = 1;
        try {
            SparkSubmit.main(args);
            outcome = 0;
        } finally {
            if (outcome != 0 || !serves(List.of(args))) {
                end(outcome);
            }
        }
    }

    private static boolean serves(List<String> args) {
        int at = args.indexOf("--class");
        return at >= 0 && at + 1 < args.size() && args.get(at + 1).equals(SERVER);
    }

    /**
     * Begins the end, and returns at once, so that Java prints what main has thrown. The process waits for the thread that stops the
     * context, and not for the one that watches.
     */
    private static void end(int outcome) {
        long grace = grace();
        Thread stopping = new Thread(Driver::stopContext, "headrace-stop");
        Thread watching = new Thread(() -> watch(stopping, grace, outcome), "headrace-end");
        watching.setDaemon(true);
        stopping.start();
        watching.start();
    }

    private static void stopContext() {
        Option<SparkContext> active = SparkContext$.MODULE$.getActive();
        if (active.isDefined()) {
            LOG.info("the program has ended: stopping its context");
            active.get().stop();
        }
    }

    /** The context has the grace to stop, threads have it then, and at last the process's own hooks. */
    private static void watch(Thread stopping, long grace, int outcome) {
        try {
            stopping.join(grace);
            Thread.sleep(grace);
            LOG.warn("the program has ended, and threads of it still live after {} of {} s: {}; ending the process with code {}", GRACE,
                grace / 1000, living(), outcome);
            Thread exiting = new Thread(() -> Runtime.getRuntime().exit(outcome), "headrace-exit");
            exiting.setDaemon(true);
            exiting.start();
            Thread.sleep(grace);
        } catch (InterruptedException e) {
            LOG.debug("interrupted", e); // nobody is to do that: end now
        }
        Runtime.getRuntime().halt(outcome);
    }

    /** The threads for which Java waits. */
    private static String living() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> !thread.isDaemon()).map(Thread::getName)
            .filter(name -> !name.equals("DestroyJavaVM")).sorted().limit(20).collect(Collectors.joining(", "));
    }

    /** Returns the grace in milliseconds, from the settings that SparkSubmit has made properties of Java. */
    private static long grace() {
        try {
            return TimeUnit.SECONDS.toMillis(seconds(System.getProperty(GRACE, DEFAULT_GRACE)));
        } catch (NumberFormatException e) {
            return TimeUnit.SECONDS.toMillis(seconds(DEFAULT_GRACE)); // no context was made: it would have been refused
        }
    }

    private static long seconds(String text) {
        return Math.max(1, JavaUtils.timeStringAsSec(text));
    }

    /** Refuses a grace that is no time. */
    static void checkGrace(SparkConf conf) {
        conf.getTimeAsSeconds(GRACE, DEFAULT_GRACE);
    }
}
