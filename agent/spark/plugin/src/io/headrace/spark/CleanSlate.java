package io.headrace.spark;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.internal.Logging$;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.AccumulatorContext;
import org.apache.spark.util.ShutdownHookManager;
import org.apache.spark.util.Utils$;

/**
 * How a process was before it rehearsed, and the way back there, so that a run finds what it would find in a cold start: settings,
 * temporary files, sessions, class loaders, file systems, users, counters and the configuration of logs. What stays is what the
 * rehearsal was for: loaded and compiled code.
 */
final class CleanSlate {
    private static final Path HERE = Path.of(".");
    private static final int THREAD_WAITS = 100;
    private static final long THREAD_WAIT_MILLISECONDS = 100;

    private final Properties properties;
    private final ClassLoader loader;
    private final Thread.UncaughtExceptionHandler handler;
    private final List<Path> folders;
    private final Set<Path> present;

    private CleanSlate(Properties properties, ClassLoader loader, Thread.UncaughtExceptionHandler handler, List<Path> folders,
        Set<Path> present) {
        this.properties = properties;
        this.loader = loader;
        this.handler = handler;
        this.folders = folders;
        this.present = present;
    }

    /** Notes how this process is. Its folders for temporary files and for Spark's own belong to it alone. */
    static CleanSlate now() throws IOException {
        Properties copy = new Properties();
        copy.putAll(System.getProperties());
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Path local = Path.of(System.getenv().getOrDefault("SPARK_LOCAL_DIRS", temporary.toString()));
        return new CleanSlate(copy, Thread.currentThread().getContextClassLoader(), Thread.getDefaultUncaughtExceptionHandler(),
            List.of(temporary, local), children(HERE));
    }

    /** Makes the process as it was. Call it when the rehearsal's contexts have stopped. */
    void restore() throws Exception {
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        SparkEnv.set(null);
        AccumulatorContext.clear();
        FileSystem.closeAll();
        UserGroupInformation.reset();
        forgetHadoopSettings();
        resetCounters();
        Utils$.MODULE$.clearLocalRootDirs();
        HeadraceBackend.forgetContexts();
        endIdleThreads();
        awaitThreads();
        Thread.currentThread().setContextClassLoader(loader);
        Thread.setDefaultUncaughtExceptionHandler(handler);
        System.setProperties(properties);
        for (Path folder : folders) {
            empty(folder);
        }
        for (Path path : children(HERE)) {
            if (!present.contains(path)) {
                remove(path);
            }
        }
        forgetLogs();
    }

    /** Spark notes the level of its first configuration of logs, and goes back to it in every start of a program. */
    private static void forgetLogs() {
        Logging$ logging = Logging$.MODULE$;
        logging.uninitialize();
        logging.org$apache$spark$internal$Logging$$defaultRootLevel_$eq(null);
        logging.sparkShellThresholdLevel_$eq(null);
        logging.setLogLevelPrinted_$eq(false);
    }

    /**
     * Applies a run's own configuration of logs, which a cold start would find as it loads its classes: to what loggers use, and to the
     * context in which Spark looks whether anybody has configured logs, where it takes one whose level is error for nobody's.
     */
    static void configureLogs() {
        String location = System.getProperty("log4j2.configurationFile");
        if (location != null) {
            URI uri = location.contains(":") ? URI.create(location) : new File(location).toURI();
            ((LoggerContext) LogManager.getContext(false)).setConfigLocation(uri);
            ((LoggerContext) LogManager.getContext()).setConfigLocation(uri);
        }
    }

    /** Spark keeps one set of Hadoop settings per process, made from the system properties of its first use. */
    private static void forgetHadoopSettings() throws ReflectiveOperationException {
        Class<?> type = Class.forName("org.apache.spark.deploy.SparkHadoopUtil$");
        Object module = type.getField("MODULE$").get(null);
        set(type, module, "instance", null);
        Field made = type.getDeclaredField("bitmap$0");
        made.setAccessible(true);
        if (made.getType() == boolean.class) {
            made.setBoolean(module, false);
        } else {
            made.setByte(module, (byte) 0);
        }
    }

    /** The numbers of a run's queries begin where those of a cold start do. */
    private static void resetCounters() throws ReflectiveOperationException {
        Class<?> type = Class.forName("org.apache.spark.sql.execution.SQLExecution$");
        Field next = type.getDeclaredField("_nextExecutionId");
        next.setAccessible(true);
        ((AtomicLong) next.get(type.getField("MODULE$").get(null))).set(0);
    }

    private static void set(Class<?> type, Object object, String name, Object value) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        field.set(object, value);
    }

    /** The threads in which Spark makes the stages of queries know the session of whoever used them first. */
    private static void endIdleThreads() throws ReflectiveOperationException, InterruptedException {
        Class<?> type = Class.forName("org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec$");
        Object context = type.getMethod("executionContext").invoke(type.getField("MODULE$").get(null));
        Method executor = context.getClass().getMethod("executor");
        executor.setAccessible(true);
        ThreadPoolExecutor pool = (ThreadPoolExecutor) executor.invoke(context);
        long keep = pool.getKeepAliveTime(TimeUnit.MILLISECONDS);
        pool.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
        for (int i = 0; i < THREAD_WAITS && pool.getPoolSize() > 0; i++) {
            Thread.sleep(THREAD_WAIT_MILLISECONDS);
        }
        pool.setKeepAliveTime(keep, TimeUnit.MILLISECONDS);
    }

    /** Connections of Spark end some seconds after they were closed. */
    private static void awaitThreads() throws InterruptedException {
        for (int i = 0; i < THREAD_WAITS && Thread.getAllStackTraces().keySet().stream().map(Thread::getName).anyMatch(CleanSlate::ends); i++) {
            Thread.sleep(THREAD_WAIT_MILLISECONDS);
        }
    }

    private static boolean ends(String thread) {
        return Stream.of("rpc-", "shuffle-", "files-", "netty-", "dispatcher-", "block-manager-").anyMatch(thread::startsWith);
    }

    private static Set<Path> children(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.collect(Collectors.toSet());
        }
    }

    private static void empty(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            for (Path path : children(folder)) {
                remove(path);
            }
        }
    }

    /** Removes a file or folder, and what Spark would do about it at the end of the process. */
    private static void remove(Path top) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(top)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            ShutdownHookManager.removeShutdownDeleteDir(path.toFile());
            Files.deleteIfExists(path);
        }
    }
}
