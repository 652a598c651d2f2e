package example;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Sums the squares of 1 to N, its argument. */
public final class Squares {
  private Squares() {}

  public static void main(String[] args) {
    SparkSession spark = SparkSession.builder().appName("squares").getOrCreate();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 1; i <= Integer.parseInt(args[0]); i++) {
      numbers.add(i);
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    System.out.println("squares " + context.parallelize(numbers, 2).map(n -> n * n).reduce(Integer::sum));
    spark.stop();
  }
}
