package io.headrace.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.spark.util.DependencyUtils;
import scala.Option;
import scala.collection.Iterator;

/**
 * Resolves packages as SparkSubmit does. Reads packages, exclusions, repositories, a folder to work in, and Ivy's settings from
 * standard input, a line each; all but the first and the fourth may be empty. They may hold passwords, so no argument has them.
 * Prints a line for each jar, in order, or one that says why there are none.
 */
public final class PackageResolver {
    private PackageResolver() {
    }

    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String packages = in.readLine();
        String exclusions = orNull(in.readLine());
        String repositories = orNull(in.readLine());
        String folder = in.readLine();
        Option<String> settings = Option.apply(orNull(in.readLine()));
        try {
            Iterator<String> jars =
                DependencyUtils.resolveMavenDependencies(true, exclusions, packages, repositories, folder, settings).iterator();
            while (jars.hasNext()) {
                System.out.println("headrace-jar " + jars.next());
            }
        } catch (RuntimeException e) {
            System.out.println("headrace-failed " + String.valueOf(e.getMessage()).replace('\n', ' '));
            System.exit(1);
        }
    }

    private static String orNull(String line) {
        return line == null || line.isEmpty() ? null : line;
    }
}
