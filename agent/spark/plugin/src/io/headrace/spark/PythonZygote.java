package io.headrace.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.spark.api.python.PythonUtils;

/**
 * A Python that has imported PySpark and waits for one script. Spark itself starts the interpreter of a Python driver; here it
 * starts a small client, which hands its arguments, environment and open files to the Python that waits, and ends as that does.
 */
final class PythonZygote implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final Path client;

    private PythonZygote(Process process, Path client) {
        this.process = process;
        this.said = process.inputReader(StandardCharsets.UTF_8);
        this.client = client;
    }

    /** Starts one with an interpreter. Its files are in the worker's own folder, where they outlive the rehearsal. */
    static PythonZygote start(String interpreter) throws IOException {
        Path folder = Path.of(System.getenv("SPARK_CONF_DIR")).getParent();
        Path script = copy("zygote.py", folder);
        Path client = copy("zygote_client.py", folder);
        Path socket = folder.resolve("python.sock");
        String head = "#!/bin/sh\nexec " + quoted(interpreter) + " -I -S " + quoted(client.toString()) + " " + quoted(socket.toString()) + " \"$@\"\n";
        Path program = folder.resolve("python-driver");
        Files.deleteIfExists(program);
        Files.createFile(program, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(program, head);
        ProcessBuilder builder = new ProcessBuilder(interpreter, script.toString(), socket.toString());
        builder.environment().put("PYTHONPATH", PythonUtils.sparkPythonPath());
        builder.environment().put("PYTHONUNBUFFERED", "YES"); // as Spark sets it for every Python driver
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        return new PythonZygote(builder.start(), program);
    }

    /** Returns the program that Spark is to start instead of the interpreter. */
    Path client() {
        return client;
    }

    /** Returns true when it waits, and false if this interpreter cannot. */
    boolean waits() throws IOException {
        String word = said.readLine();
        if (word == null || !word.equals("ready") && !word.equals("cannot")) {
            throw new IOException("the Python that was to wait has ended");
        }
        return word.equals("ready");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static Path copy(String name, Path folder) throws IOException {
        Path target = folder.resolve(name);
        Files.deleteIfExists(target);
        try (InputStream content = PythonZygote.class.getResourceAsStream("/python/" + name)) {
            Files.copy(content, target);
        }
        return target;
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
