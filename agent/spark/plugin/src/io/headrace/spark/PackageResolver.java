package io.headrace.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.util.DependencyUtils;
import scala.Option;
import scala.collection.Iterator;

/**
 * Resolves packages as SparkSubmit does. Reads packages, exclusions, repositories, a folder to work in, and the path of Ivy's settings
 * from the file that its first argument names, a line each; all but the first and the fourth may be empty. They may hold passwords, so no
 * argument has them. Writes the path of each jar, in order, to the file that its second argument names, or prints a line that says why
 * there are none.
 */
public final class PackageResolver {
    private PackageResolver() {
    }

    public static void main(String[] args) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(Path.of(args[0]))) {
            Files.write(Path.of(args[1]), resolve(in));
        } catch (RuntimeException e) {
            System.out.println("headrace-failed " + String.valueOf(e.getMessage()).replace('\n', ' '));
            System.exit(1);
        }
    }

    private static List<String> resolve(BufferedReader in) throws IOException {
        String packages = in.readLine();
        String exclusions = orNull(in.readLine());
        String repositories = orNull(in.readLine());
        String folder = in.readLine();
        Option<String> settings = Option.apply(orNull(in.readLine()));
        List<String> paths = new ArrayList<>();
        Iterator<String> jars =
            DependencyUtils.resolveMavenDependencies(true, exclusions, packages, repositories, folder, settings).iterator();
        while (jars.hasNext()) {
            paths.add(jars.next());
        }
        return paths;
    }

    private static String orNull(String line) {
        return line == null || line.isEmpty() ? null : line;
    }
}
