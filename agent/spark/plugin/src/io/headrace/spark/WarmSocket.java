package io.headrace.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** JSON lines over a unix socket. One thread may hear, and any may say. */
final class WarmSocket implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How long a line may be, in characters: arguments and settings of a run have their own, smaller bound. */
    private static final int MOST = 4 << 20;

    private final SocketChannel channel;
    private final BufferedReader lines;

    WarmSocket(SocketChannel channel) {
        this.channel = channel;
        this.lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    static WarmSocket connect(Path path) throws IOException {
        return new WarmSocket(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    ObjectNode message() {
        return JSON.createObjectNode();
    }

    /** Writes to the channel itself: before Java 19 its streams share one lock. */
    synchronized void say(ObjectNode message) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((message + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** Returns the next message; a missing node when the other side has closed. */
    JsonNode hear() throws IOException {
        String line = line();
        return line == null ? MissingNode.getInstance() : JSON.readTree(line);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = lines.read(); next != '\n'; next = lines.read()) {
            if (next < 0) {
                return null;
            }
            if (line.length() == MOST) {
                throw new IOException("a line on the socket is longer than " + MOST + " characters");
            }
            line.append((char) next);
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
