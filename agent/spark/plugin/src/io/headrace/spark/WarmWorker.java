package io.headrace.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import org.apache.spark.executor.CoarseGrainedExecutorBackend;

/**
 * A process that waits in a pre-initialised slot: it rehearses a small job with a partner, removes what is left of that, says so to
 * the agent, and then becomes the driver or the executor of one run, exactly as if its main class had been started.
 *
 * <p>Over the agent's socket it says {"hello": token}, then {"ready": true, "rehearsals": [seconds], "python": true} or
 * {"failed": why}; it hears {"start": {"arguments": [...], "properties": {...}, "token": ..., "python": true}} and says
 * {"started": true}. A connection that ends before ends the process.
 */
public final class WarmWorker {
    private static final long REHEARSAL_MILLISECONDS = 120_000;

    /** What a driver that waited shows the agent on its socket; a cold one finds it in its environment. */
    private static volatile String token;

    /** The Python that waits; null: none. Kept here, so that its pipes stay open. */
    private static volatile PythonZygote python;

    private WarmWorker() {
    }

    /** Returns the token of a run that was handed over; null in a cold start. */
    static String token() {
        return token;
    }

    /** Takes driver or executor as its argument. */
    public static void main(String[] args) throws Exception {
        boolean driver = args[0].equals("driver");
        List<String> arguments;
        try (WarmSocket agent = WarmSocket.connect(Path.of(System.getenv("HEADRACE_WARM_SOCKET")))) {
            agent.say(agent.message().put("hello", System.getenv("HEADRACE_WARM_TOKEN")));
            prepare(agent, driver);
            arguments = begin(agent.hear().path("start"));
            agent.say(agent.message().put("started", true));
        }
        if (driver) {
            Driver.main(arguments.toArray(new String[0]));
        } else {
            CoarseGrainedExecutorBackend.main(arguments.toArray(new String[0]));
        }
    }

    /** Rehearses and cleans up in bounded time, or ends the process. */
    private static void prepare(WarmSocket agent, boolean driver) throws IOException {
        Timer bound = new Timer("headrace-bound", true);
        bound.schedule(new TimerTask() {
            @Override
            public void run() {
                fail(agent, "it took more than " + REHEARSAL_MILLISECONDS / 1000 + " seconds");
            }
        }, REHEARSAL_MILLISECONDS);
        try {
            ObjectNode ready = rehearse(agent, driver);
            bound.cancel();
            agent.say(ready);
        } catch (Throwable e) {
            e.printStackTrace();
            fail(agent, e instanceof IllegalStateException ? e.getMessage() : e.toString());
        }
    }

    /** A partner and a Python that wait notice the end of this process. */
    private static void fail(WarmSocket agent, String reason) {
        try {
            agent.say(agent.message().put("failed", reason));
        } catch (IOException e) {
            e.printStackTrace();
        }
        Runtime.getRuntime().halt(1);
    }

    private static ObjectNode rehearse(WarmSocket agent, boolean driver) throws Exception {
        Map<String, String> environment = System.getenv();
        String interpreter = environment.getOrDefault("HEADRACE_WARM_PYTHON", "");
        int times = Integer.parseInt(environment.getOrDefault("HEADRACE_WARM_REHEARSALS", "2"));
        CleanSlate slate = CleanSlate.now();
        if (driver && !interpreter.isEmpty()) {
            python = PythonZygote.start(interpreter);
        }
        ObjectNode ready = agent.message().put("ready", true);
        if (times > 0) {
            List<Double> seconds = driver ? Rehearsal.asDriver(interpreter, times) : Rehearsal.asExecutor(times);
            seconds.forEach(ready.putArray("rehearsals")::add);
            forget(slate);
        }
        if (python != null && !python.waits()) {
            python.close();
            python = null;
        }
        System.gc();
        return ready.put("python", python != null);
    }

    /** Without a clean slate there is no warm start: a Spark that keeps something elsewhere than those that we know has its workers start cold. */
    private static void forget(CleanSlate slate) {
        try {
            slate.restore();
        } catch (Exception | LinkageError e) {
            throw new IllegalStateException("this Spark does not let a rehearsal be forgotten: " + e, e);
        }
    }

    /** Sets what the run wants of this process, and returns its arguments. A Python driver is the one that waits, unless it names another. */
    private static List<String> begin(JsonNode start) throws IOException {
        if (start.isMissingNode()) {
            Runtime.getRuntime().halt(0); // the agent went away: nobody will want this process
        }
        token = start.path("token").asText(null);
        start.path("properties").fields().forEachRemaining(each -> System.setProperty(each.getKey(), each.getValue().asText()));
        CleanSlate.configureLogs();
        List<String> arguments = new ArrayList<>();
        if (python != null && start.path("python").asBoolean()) {
            arguments.addAll(List.of("--conf", "spark.pyspark.driver.python=" + python.client()));
        } else if (python != null) {
            python.close();
        }
        start.path("arguments").forEach(each -> arguments.add(each.asText()));
        return arguments;
    }
}
