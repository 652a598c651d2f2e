package io.headrace.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A driver's connection whose agent goes in every way, each time an hour after it came. Its argument is a folder for the socket. */
public final class AgentGone {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    /** A way in which an agent goes: it has the server's side, and what the driver said is read. */
    private interface Way {
        void go(SocketChannel channel, AgentConnection driver) throws IOException;
    }

    private static final Map<String, Way> WAYS = Map.of(
        "end of file", (channel, driver) -> channel.close(),
        // What nobody has read makes the kernel reset the connection: so does the death of an agent that hung.
        "reset", (channel, driver) -> {
            driver.target(7);
            channel.close();
        },
        "failed write", (channel, driver) -> {
            channel.shutdownInput();
            driver.target(8);
        });

    private AgentGone() {
    }

    /** Says of each way what became of the driver. */
    public static void main(String[] args) throws Exception {
        for (String way : List.of("end of file", "reset", "failed write")) {
            System.out.println(way + ": " + outcome(Path.of(args[0], "agent.sock"), WAYS.get(way)));
        }
    }

    private static String outcome(Path path, Way way) throws Exception {
        Files.deleteIfExists(path);
        AtomicLong clock = new AtomicLong(System.nanoTime());
        CountDownLatch lost = new CountDownLatch(1);
        try (ServerSocketChannel agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))) {
            AgentConnection driver = new AgentConnection(path.toString(), "token", 600, (id, code, fault, message) -> { }, (has, why) -> { }, id -> { },
                reason -> lost.countDown(), clock::get);
            driver.start();
            SocketChannel first = accepted(agent);
            clock.addAndGet(HOUR);
            way.go(first, driver);
            Thread again = new Thread(() -> connectsAgain(agent));
            again.setDaemon(true);
            again.start();
            while (again.isAlive() && lost.getCount() > 0) {
                again.join(20);
            }
            boolean gaveUp = lost.getCount() == 0;
            clock.addAndGet(HOUR);
            driver.close();
            driver.join();
            first.close();
            return gaveUp ? "given up in the same second" : "connected again";
        }
    }

    private static void connectsAgain(ServerSocketChannel agent) {
        try {
            accepted(agent);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a connection that has said all that it says at once. */
    private static SocketChannel accepted(ServerSocketChannel agent) throws IOException {
        SocketChannel channel = agent.accept();
        BufferedReader lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        lines.readLine();
        lines.readLine();
        return channel;
    }
}
