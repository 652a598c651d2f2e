import java.util.Arrays;
import org.apache.spark.sql.SparkSession;

/** Sums a range on executors and says its arguments. */
public final class Greeter {
    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().getOrCreate();
        System.out.println("sum " + spark.range(0, 1000, 1, 2).selectExpr("sum(id)").first().getLong(0));
        System.out.println("arguments " + Arrays.toString(args));
        System.out.println("property " + System.getProperty("greeting"));
        spark.stop();
    }
}
