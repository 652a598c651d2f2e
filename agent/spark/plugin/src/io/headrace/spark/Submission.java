package io.headrace.spark;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * What the run was submitted with, beside what its program asks for in its own settings. What fits into the executors of the
 * submission is honoured; anything else is refused, with the numbers: nothing is accepted and ignored.
 */
final class Submission {
    private static final String DYNAMIC = "spark.dynamicAllocation.enabled";
    private static final String INSTANCES = "spark.executor.instances";
    private static final String INITIAL = "spark.dynamicAllocation.initialExecutors";
    private static final String MAXIMUM = "spark.dynamicAllocation.maxExecutors";

    /** Settings that ask for executors, with dynamic allocation. */
    private static final List<String> COUNTS =
        List.of("spark.dynamicAllocation.minExecutors", INITIAL, INSTANCES, MAXIMUM);

    /** Settings of executors' processes, which agents take from the submission. */
    private static final List<String> FIXED = List.of("spark.executor.extraJavaOptions", "spark.executor.defaultJavaOptions",
        "spark.executor.extraClassPath", "spark.executor.extraLibraryPath");

    /** The same, by how they begin. */
    private static final List<String> FIXED_BEGINNINGS =
        List.of("spark.executorEnv.", "spark.headrace.executor.", "spark.emr-serverless.executor.");

    /** PySpark sets it itself, to what every worker has. */
    private static final String HASH_SEED = "spark.executorEnv.PYTHONHASHSEED";

    /** Options that Spark itself adds to those of executors in every context. */
    private static final List<String> SPARKS_OPTIONS = List.of("--add-opens=", "--add-modules=", "-XX:+IgnoreUnrecognizedVMOptions",
        "-Djdk.reflect.useDirectMethodHandle=", "-Djava.net.preferIPv6Addresses=", "-Dio.netty.tryReflectionSetAccessible=");

    /** Of the run of this process; null in a rehearsal, which nobody has submitted. */
    private static volatile Submission current;

    private final SparkConf submitted;

    private Submission(SparkConf submitted) {
        this.submitted = submitted;
    }

    /** Notes the properties file that the arguments of SparkSubmit name. */
    static void note(List<String> arguments) {
        int at = arguments.indexOf("--properties-file");
        SparkConf submitted = new SparkConf(false);
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(arguments.get(at + 1)), StandardCharsets.UTF_8)) {
            properties.load(file);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the properties of the run", e);
        }
        properties.stringPropertyNames().forEach(name -> submitted.set(name, properties.getProperty(name).trim()));
        current = new Submission(submitted);
    }

    /** Returns what a program's settings leave to be told to agents, and refuses what cannot be. */
    static Terms settle(SparkConf asked) {
        Submission run = current;
        return run == null ? new Terms(Integer.MAX_VALUE, Map.of()) : run.terms(asked);
    }

    /** How many executors a context may have, and what agents must know of their size. */
    record Terms(int maximum, Map<String, String> launch) {
    }

    private Terms terms(SparkConf asked) {
        checkFixed(asked);
        int maximum = maximum();
        checkCounts(asked, maximum);
        if (asked.getBoolean(DYNAMIC, false)) {
            settleBounds(asked, maximum);
        }
        return new Terms(maximum, launch(ExecutorSize.of(asked), ExecutorSize.of(submitted), asked));
    }

    /** How many executors the submission may have. */
    private int maximum() {
        String name = submitted.getBoolean(DYNAMIC, false) ? MAXIMUM : INSTANCES;
        return submitted.getInt(name, Integer.MAX_VALUE);
    }

    private void checkCounts(SparkConf asked, int maximum) {
        for (String name : asked.getBoolean(DYNAMIC, false) ? COUNTS : List.of(INSTANCES)) {
            int count = asked.getInt(name, 0);
            if (count > maximum && !unchanged(name, asked)) {
                throw refused(name, asked, "this run was submitted with at most " + maximum + " executors");
            }
        }
    }

    /** Dynamic allocation stays below what the run may have, and a start that only the submission asks for below the program's maximum. */
    private void settleBounds(SparkConf asked, int maximum) {
        if (maximum < Integer.MAX_VALUE) {
            asked.setIfMissing(MAXIMUM, Integer.toString(maximum));
        }
        int most = asked.getInt(MAXIMUM, Integer.MAX_VALUE);
        for (String name : List.of(INITIAL, INSTANCES)) {
            if (asked.getInt(name, 0) > most && unchanged(name, asked)) {
                asked.set(name, Integer.toString(most));
            }
        }
    }

    private boolean unchanged(String name, SparkConf asked) {
        return Objects.equals(asked.get(name, null), submitted.get(name, null));
    }

    /** Returns how executors differ from what was submitted; empty: they do not. */
    private Map<String, String> launch(ExecutorSize asks, ExecutorSize has, SparkConf asked) {
        if (asks.equals(has)) {
            return Map.of();
        }
        if (asks.cores() > has.cores() || asks.totalMib() > has.totalMib()) {
            throw new IllegalArgumentException("cannot give the program executors with " + asks + ": it asks for them with "
                + differing(asked) + ", and this run was submitted with executors with " + has + ". " + remedy());
        }
        Map<String, String> launch = new TreeMap<>();
        launch.put("spark.headrace.launch.cores", Integer.toString(asks.cores()));
        launch.put("spark.headrace.launch.heapMib", Long.toString(asks.heapMib()));
        return launch;
    }

    /** The settings of sizes that the program has changed. */
    private String differing(SparkConf asked) {
        return ExecutorSize.SETTINGS.stream().filter(name -> asked.contains(name) && !asked.get(name).equals(submitted.get(name, null)))
            .map(name -> name + "=" + asked.get(name)).collect(Collectors.joining(", "));
    }

    private void checkFixed(SparkConf asked) {
        for (Tuple2<String, String> each : asked.getAll()) {
            String name = each._1();
            boolean fixed = FIXED.contains(name) || FIXED_BEGINNINGS.stream().anyMatch(name::startsWith);
            if (fixed && !name.equals(HASH_SEED) && !same(name, each._2(), submitted.get(name, ""))) {
                // The value may be secret.
                throw new IllegalArgumentException("cannot set " + name + " in the program: executors are started as the run was "
                    + "submitted. " + remedy());
            }
        }
    }

    /** Whether a setting is as it was submitted. Only options may have other blanks between them, and some that Spark adds. */
    private static boolean same(String name, String asked, String submitted) {
        return name.endsWith("JavaOptions") ? own(asked).equals(own(submitted)) : asked.trim().equals(submitted.trim());
    }

    /** Returns options without those that Spark adds. */
    private static String own(String options) {
        return Stream.of(options.trim().split("\\s+")).filter(option -> SPARKS_OPTIONS.stream().noneMatch(option::startsWith))
            .collect(Collectors.joining(" "));
    }

    private static IllegalArgumentException refused(String name, SparkConf asked, String why) {
        return new IllegalArgumentException("cannot give the program " + name + "=" + asked.get(name) + ": " + why + ". " + remedy());
    }

    private static String remedy() {
        return "Set it where the run is submitted: with --conf, or in the classification spark-defaults";
    }
}
