package io.headrace.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.executor.CoarseGrainedExecutorBackend;

/**
 * A process that waits in a pre-initialised slot: it rehearses a small job with a partner, removes what is left of that, says so to
 * the agent, and then becomes the driver or the executor of one run, exactly as if its main class had been started.
 *
 * <p>Over the agent's socket it says {"hello": token}, then {"ready": true, "rehearsals": [seconds]} or {"failed": why}; it hears
 * {"start": {"arguments": [...], "properties": {...}, "token": ..., "python": true}} and says {"started": true}.
 */
public final class WarmWorker {
    private static final int REHEARSALS = 2;

    /** What a driver that waited shows the agent on its socket; a cold one finds it in its environment. */
    private static volatile String token;

    private WarmWorker() {
    }

    /** Returns the token of a run that was handed over; null in a cold start. */
    static String token() {
        return token;
    }

    /** Takes driver or executor as its argument. */
    public static void main(String[] args) throws Exception {
        boolean driver = args[0].equals("driver");
        try (WarmSocket agent = WarmSocket.connect(Path.of(System.getenv("HEADRACE_WARM_SOCKET")))) {
            agent.say(agent.message().put("hello", System.getenv("HEADRACE_WARM_TOKEN")));
            PythonZygote python = null;
            try {
                python = prepare(agent, driver);
            } catch (Throwable e) {
                agent.say(agent.message().put("failed", e.toString()));
                e.printStackTrace();
                System.exit(1);
            }
            JsonNode start = agent.hear().path("start");
            begin(start);
            List<String> arguments = arguments(start, python);
            agent.say(agent.message().put("started", true));
            become(driver, arguments.toArray(new String[0]));
        }
    }

    /** Rehearses and cleans up. It returns the Python that waits; null: none. */
    private static PythonZygote prepare(WarmSocket agent, boolean driver) throws Exception {
        CleanSlate slate = CleanSlate.now();
        String interpreter = System.getenv().getOrDefault("HEADRACE_WARM_PYTHON", "");
        PythonZygote python = driver && !interpreter.isEmpty() ? PythonZygote.start(interpreter) : null;
        ObjectNode ready = agent.message().put("ready", true).put("python", python != null);
        List<Double> seconds = driver ? Rehearsal.asDriver(interpreter, REHEARSALS) : Rehearsal.asExecutor(REHEARSALS);
        seconds.forEach(ready.putArray("rehearsals")::add);
        slate.restore();
        if (python != null) {
            python.await();
        }
        System.gc();
        agent.say(ready);
        return python;
    }

    /** Sets what the run wants of this process. */
    private static void begin(JsonNode start) throws IOException {
        if (start.isMissingNode()) {
            System.exit(0); // the agent went away: nobody will want this process
        }
        token = start.path("token").asText(null);
        start.path("properties").fields().forEachRemaining(each -> System.setProperty(each.getKey(), each.getValue().asText()));
        CleanSlate.configureLogs();
    }

    /** The run's arguments. A Python driver is the one that waits, unless the run names another. */
    private static List<String> arguments(JsonNode start, PythonZygote python) {
        List<String> arguments = new ArrayList<>();
        if (python != null && start.path("python").asBoolean()) {
            arguments.add("--conf");
            arguments.add("spark.pyspark.driver.python=" + python.client());
        } else if (python != null) {
            python.close();
        }
        start.path("arguments").forEach(each -> arguments.add(each.asText()));
        return arguments;
    }

    private static void become(boolean driver, String[] arguments) {
        if (driver) {
            SparkSubmit.main(arguments);
        } else {
            CoarseGrainedExecutorBackend.main(arguments);
        }
    }
}
