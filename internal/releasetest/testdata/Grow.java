package example;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Runs a query with a shuffle, then tasks until as many executors are there as its argument says. */
public final class Grow {
  private Grow() {}

  /** Takes a number of executors. */
  public static void main(String[] args) {
    int wanted = Integer.parseInt(args[0]);
    SparkSession spark = SparkSession.builder().appName("grow").getOrCreate();
    long groups = spark.range(0, 1000, 1, 2).selectExpr("id % 7 as k").groupBy("k").count().count();
    System.out.printf("first_result %.3f %d%n", System.currentTimeMillis() / 1000.0, groups);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    long until = System.nanoTime() + 120_000_000_000L;
    while (spark.sparkContext().getExecutorMemoryStatus().size() - 1 < wanted) { // the driver is one of them
      if (System.nanoTime() > until) {
        throw new IllegalStateException("executors did not come");
      }
      context.parallelize(IntStream.range(0, 4).boxed().collect(Collectors.toList()), 4).foreach(n -> Thread.sleep(1000));
    }
    System.out.println("executors " + wanted);
    spark.stop();
  }
}
