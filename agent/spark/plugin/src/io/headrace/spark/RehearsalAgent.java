package io.headrace.spark;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Answers the driver of a rehearsal as an agent would: it has the one executor started that the driver wants. */
final class RehearsalAgent extends Thread implements AutoCloseable {
    private final Path path;
    private final String token;
    private final Launcher launcher;
    private final ServerSocketChannel server;

    RehearsalAgent(Path path, String token, Launcher launcher) throws IOException {
        super("headrace-rehearsal");
        setDaemon(true);
        this.path = path;
        this.token = token;
        this.launcher = launcher;
        Files.deleteIfExists(path);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        start();
    }

    Path path() {
        return path;
    }

    @Override
    public void run() {
        try (SocketChannel channel = server.accept(); WarmSocket driver = new WarmSocket(channel)) {
            boolean started = false;
            for (JsonNode message = driver.hear(); !message.isMissingNode(); message = driver.hear()) {
                if (!started && message.path("target").asInt() > 0) {
                    launcher.execute(launch(message));
                    started = true;
                }
            }
        } catch (IOException e) {
            return; // closed: the rehearsal is over, or fails for want of an executor
        }
    }

    private Launch launch(JsonNode demand) {
        Map<String, String> properties = new TreeMap<>();
        demand.path("properties").fields().forEachRemaining(each -> properties.put(each.getKey(), each.getValue().asText()));
        properties.put("spark.authenticate.secret", token);
        return new Launch(List.of("--driver-url", demand.path("driver_url").asText(), "--executor-id", "1",
            "--bind-address", System.getenv("HEADRACE_WARM_BIND"), "--hostname", System.getenv("HEADRACE_WARM_HOST"), "--cores", "2",
            "--app-id", demand.path("application_id").asText(), "--resourceProfileId", "0"), properties);
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
        try {
            join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
