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

/** JSON lines over a unix socket, for one thread. */
final class WarmSocket implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

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
    void say(ObjectNode message) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((message + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** Returns the next message; a missing node when the other side has closed. */
    JsonNode hear() throws IOException {
        String line = lines.readLine();
        return line == null ? MissingNode.getInstance() : JSON.readTree(line);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
