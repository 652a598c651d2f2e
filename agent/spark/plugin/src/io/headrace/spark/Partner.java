package io.headrace.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The other half of a rehearsal, a process of its own that its parent starts and ends. A partner that is an executor reads launches
 * from its input, one a line, and says "done" after each. A partner that is a driver writes launches to its output, for its parent
 * to be the executor of, and ends by itself.
 */
final class Partner implements Launcher, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader said;
    private volatile boolean closing;

    private Partner(Process process) {
        this.process = process;
        this.said = process.inputReader(StandardCharsets.UTF_8);
        Thread rehearsing = Thread.currentThread();
        process.onExit().thenRun(() -> {
            if (!closing && process.exitValue() != 0) {
                rehearsing.interrupt(); // it would wait for a partner that has ended
            }
        });
    }

    /** Starts a partner with this process's own Java, class path and options, but the smallest heap that Spark takes. */
    static Partner spawn(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-Xm") && !option.startsWith("-XX:ArchiveClassesAtExit")) {
                command.add(option);
            }
        }
        command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Partner.class.getName()));
        command.addAll(List.of(arguments));
        return new Partner(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    @Override
    public void execute(Launch launch) throws IOException {
        OutputStream to = process.getOutputStream();
        to.write(line(launch).getBytes(StandardCharsets.UTF_8));
        to.flush();
    }

    @Override
    public void finish() throws IOException {
        if (!"done".equals(said.readLine())) {
            throw new IOException("the partner has not come to its end as an executor");
        }
    }

    /** Returns the next launch of a partner that drives; null when it has ended. */
    Launch launch() throws IOException {
        String line = said.readLine();
        return line == null ? null : launch(line);
    }

    @Override
    public void close() throws IOException {
        closing = true;
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        said.close();
    }

    /** Takes driver, and how often, or executor. What Spark prints goes to the standard error. */
    public static void main(String[] args) throws Exception {
        endWithParent();
        PrintStream parent = System.out;
        System.setOut(System.err);
        if (args[0].equals("driver")) {
            Rehearsal.drive("", Integer.parseInt(args[1]), launch -> {
                parent.print(line(launch));
                parent.flush();
            });
            System.exit(0);
        }
        BufferedReader lines = new BufferedReader(new java.io.InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            launch(line).run();
            parent.println("done");
            parent.flush();
        }
        System.exit(0);
    }

    private static void endWithParent() {
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    }

    private static String line(Launch launch) {
        ObjectNode message = JSON.createObjectNode();
        launch.arguments().forEach(message.putArray("arguments")::add);
        launch.properties().forEach(message.putObject("properties")::put);
        return message + "\n";
    }

    private static Launch launch(String line) throws IOException {
        JsonNode message = JSON.readTree(line);
        List<String> arguments = new ArrayList<>();
        message.path("arguments").forEach(each -> arguments.add(each.asText()));
        Map<String, String> properties = new TreeMap<>();
        message.path("properties").fields().forEachRemaining(each -> properties.put(each.getKey(), each.getValue().asText()));
        return new Launch(arguments, properties);
    }
}
