package io.headrace.spark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.launcher.SparkLauncher;

/**
 * A small job that a driver and an executor do together before there is a run, so that what they need is loaded and compiled. One
 * of the two is the process that waits, the other one its partner, which ends with the rehearsal.
 */
final class Rehearsal {
    private Rehearsal() {
    }

    /** Rehearses as a driver, with a partner as its executor. It returns how long each time took, in seconds. */
    static List<Double> asDriver(String python, int times) throws Exception {
        try (Partner partner = Partner.spawn("executor")) {
            return drive(python, times, partner::execute);
        }
    }

    /** Rehearses as an executor, with a partner as its driver. */
    static List<Double> asExecutor(int times) throws Exception {
        List<Double> seconds = new ArrayList<>();
        try (Partner partner = Partner.spawn("driver", Integer.toString(times))) {
            for (Launch launch = partner.launch(); launch != null; launch = partner.launch()) {
                long began = System.nanoTime();
                launch.run();
                seconds.add((System.nanoTime() - began) / 1e9);
            }
        }
        if (seconds.size() != times) {
            throw new IOException("the partner drove " + seconds.size() + " of " + times + " rehearsals");
        }
        return seconds;
    }

    /** Drives the job so often, with whatever starts executors. */
    static List<Double> drive(String python, int times, Launcher launcher) throws Exception {
        Path folder = Files.createTempDirectory("rehearsal");
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            String token = UUID.randomUUID().toString();
            try (RehearsalAgent agent = new RehearsalAgent(socket(i), token, launcher)) {
                new SparkSubmit().doSubmit(arguments(folder, agent, token, i, python).toArray(new String[0]));
            }
            launcher.finish();
            seconds.add((System.nanoTime() - began) / 1e9);
        }
        return seconds;
    }

    /** A path in the working directory, and relative: the path of a unix socket has a bound. */
    private static Path socket(int number) {
        return Path.of(".headrace", "r" + number);
    }

    /** What a run's agent enforces, and the job: in Python if there is one, else in Java. */
    private static List<String> arguments(Path folder, RehearsalAgent agent, String token, int number, String python) throws IOException {
        Map<String, String> settings = Map.ofEntries(
            Map.entry("spark.master", "spark-headrace://agent"),
            Map.entry("spark.driver.host", System.getenv("HEADRACE_WARM_HOST")),
            Map.entry("spark.driver.bindAddress", System.getenv("HEADRACE_WARM_BIND")),
            Map.entry("spark.ui.port", "0"),
            Map.entry("spark.authenticate", "true"),
            Map.entry("spark.authenticate.secret", token),
            Map.entry("spark.network.crypto.enabled", "true"),
            Map.entry("spark.eventLog.enabled", "true"),
            Map.entry("spark.eventLog.dir", folder.toUri().toString()),
            Map.entry("spark.executor.instances", "1"),
            Map.entry("spark.scheduler.minRegisteredResourcesRatio", "1"),
            Map.entry("spark.sql.shuffle.partitions", "2"),
            // Java takes one such factory per process, and whether it is there is the run's choice.
            Map.entry("spark.sql.defaultUrlStreamHandlerFactory.enabled", "false"),
            Map.entry("spark.headrace.socket", agent.path().toString()),
            Map.entry("spark.headrace.applicationId", "rehearsal-" + number),
            Map.entry("spark.headrace.reconnectSeconds", "10"),
            Map.entry("spark.headrace.token", token));
        List<String> arguments = new ArrayList<>();
        settings.forEach((name, value) -> {
            arguments.add("--conf");
            arguments.add(name + "=" + value);
        });
        if (python.isEmpty()) {
            arguments.addAll(List.of("--class", RehearsalJob.class.getName(), SparkLauncher.NO_RESOURCE));
        } else {
            // The run's own may be in an archive, which is not here yet.
            arguments.addAll(List.of("--conf", "spark.pyspark.python=" + python, "--conf", "spark.pyspark.driver.python=" + python));
            arguments.add(script(folder).toString());
        }
        return arguments;
    }

    private static Path script(Path folder) throws IOException {
        Path script = folder.resolve("rehearsal.py");
        if (!Files.exists(script)) {
            try (InputStream content = Rehearsal.class.getResourceAsStream("/python/rehearsal.py")) {
                Files.copy(content, script);
            }
        }
        return script;
    }
}
