package io.headrace.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks JSON lines with the agent over a unix socket. What the driver wants is one complete message, so the newest one is all
 * that counts: it is sent on every change and again after every connect. The agent may be restarted at any time.
 */
final class AgentConnection extends Thread {
    private static final Logger LOG = LoggerFactory.getLogger(AgentConnection.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long RETRY_MILLISECONDS = 500;

    /** So many seconds without an agent are normal while it is restarted. */
    private static final int QUIET_SECONDS = 20;

    /** Is told how an executor ended. */
    interface Ended {
        void executor(String id, int code, boolean programFault, String message);
    }

    /** Is told how many executors the driver has when it cannot have all that it wants, and why; an empty text: it can. */
    interface Short {
        void executors(int has, String why);
    }

    private final String path;
    private final String token;
    private final int reconnectSeconds;
    private final Ended ended;
    private final Short shortage;
    private final Consumer<String> leaving;
    private final Consumer<String> lost;
    private final LongSupplier clock;

    // Guarded by this.
    private final TreeSet<Integer> stopping = new TreeSet<>();
    private final Map<String, String> properties = new TreeMap<>();
    private String driverUrl;
    private String applicationId;
    private int uiPort;
    private int target;
    private JobProgress.Counts progress = JobProgress.Counts.NONE;
    private SocketChannel channel;
    private boolean closed;

    AgentConnection(String path, String token, int reconnectSeconds, Ended ended, Short shortage, Consumer<String> leaving,
        Consumer<String> lost) {
        this(path, token, reconnectSeconds, ended, shortage, leaving, lost, System::nanoTime);
    }

    /** For tests, whose clock counts nanoseconds as they like. */
    AgentConnection(String path, String token, int reconnectSeconds, Ended ended, Short shortage, Consumer<String> leaving,
        Consumer<String> lost, LongSupplier clock) {
        super("headrace-agent");
        setDaemon(true);
        this.path = path;
        this.token = token;
        this.reconnectSeconds = reconnectSeconds;
        this.ended = ended;
        this.shortage = shortage;
        this.leaving = leaving;
        this.lost = lost;
        this.clock = clock;
    }

    /** Sets where the driver shows its pages; 0: nowhere. */
    synchronized void ui(int port) {
        uiPort = port;
    }

    /** Sets what executors must know. */
    synchronized void launch(String driverUrl, String applicationId, Map<String, String> properties) {
        this.driverUrl = driverUrl;
        this.applicationId = applicationId;
        this.properties.putAll(properties);
    }

    /** Sets how many executors are wanted in all. */
    synchronized void target(int total) {
        target = total;
        send();
    }

    /** Tells how far the jobs are that run. */
    synchronized void progress(JobProgress.Counts counts) {
        if (!counts.equals(progress)) {
            progress = counts;
            send();
        }
    }

    /** Notes an executor that is to be stopped; send tells it. */
    synchronized void stop(String id) {
        stopping.add(Integer.parseInt(id));
    }

    /** Ends the connection. What was sent before still arrives. */
    synchronized void close() {
        closed = true;
        disconnect();
    }

    /** Sends what is wanted; while there is no connection, the next connect does. */
    synchronized void send() {
        if (channel == null) {
            return;
        }
        ObjectNode demand = JSON.createObjectNode();
        demand.put("target", target).put("driver_url", driverUrl).put("application_id", applicationId).put("ui_port", uiPort);
        stopping.forEach(demand.putArray("stop")::add);
        properties.forEach(demand.putObject("properties")::put);
        if (progress.stages() > 0) {
            demand.putObject("progress").put("stages_done", progress.stagesDone()).put("stages", progress.stages())
                .put("tasks_done", progress.tasksDone()).put("tasks", progress.tasks());
        }
        write(demand);
    }

    /**
     * Connects, reads until the connection breaks, and connects again. In whatever way a connection ends, the agent has the whole
     * time from then on to come back.
     */
    @Override
    public void run() {
        long gone = clock.getAsLong();
        boolean told = false;
        while (!isClosed()) {
            try (SocketChannel open = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                talk(open);
                gone = clock.getAsLong();
                told = false;
            } catch (IOException e) {
                LOG.debug("cannot connect to the agent", e);
                if (!told && !isClosed() && secondsSince(gone) >= QUIET_SECONDS) {
                    told = true;
                    LOG.warn("cannot reach the agent at {}, so that no executors come; trying for {} seconds: {}", path, reconnectSeconds, e.toString());
                }
            }
            if (isClosed()) {
                return;
            }
            if (secondsSince(gone) > reconnectSeconds) {
                lost.accept("the agent did not answer at " + path + " for " + reconnectSeconds + " seconds");
                return;
            }
            pause();
        }
    }

    /** Returns when the connection has ended: by an end of file, by a reset, or because a write failed. */
    private void talk(SocketChannel open) {
        try {
            greet(open);
            read(open);
        } catch (IOException e) {
            LOG.debug("the connection to the agent broke", e);
        }
    }

    private long secondsSince(long before) {
        return TimeUnit.NANOSECONDS.toSeconds(clock.getAsLong() - before);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void greet(SocketChannel open) {
        channel = open;
        write(JSON.createObjectNode().put("hello", token));
        send();
    }

    /** Writes to the channel itself: before Java 19 its streams share one lock, and our reader sits in a read. */
    private void write(ObjectNode message) {
        ByteBuffer line = ByteBuffer.wrap((message + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (channel != null && line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            disconnect(); // the reader notices and connects again
        }
    }

    private synchronized void disconnect() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.debug("closing the connection to the agent", e);
        }
        channel = null;
    }

    private void read(SocketChannel open) throws IOException {
        BufferedReader lines = new BufferedReader(Channels.newReader(open, StandardCharsets.UTF_8));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(JSON.readTree(line));
            }
        } finally {
            disconnect();
        }
    }

    private void hear(JsonNode message) {
        if (message.has("shortage")) {
            shortage.executors(message.path("executors").asInt(), message.get("shortage").asText());
        }
        message.path("leaving").forEach(id -> leaving.accept(id.asText()));
        if (!message.has("ended")) {
            return; // a newer agent says more
        }
        int id = message.get("ended").asInt();
        synchronized (this) {
            stopping.remove(id);
        }
        ended.executor(Integer.toString(id), message.path("code").asInt(), message.path("program_fault").asBoolean(),
            message.path("message").asText());
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
