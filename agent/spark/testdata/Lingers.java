import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Ends its main in the way that its argument says, stops no context, and leaves a thread that never ends. */
public final class Lingers {
    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().getOrCreate();
        System.out.println("sum " + spark.range(0, 1000, 1, 2).selectExpr("sum(id)").first().getLong(0));
        new Thread(() -> {
            while (true) {
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                    // it never ends
                }
            }
        }, "unclosed-pool").start();
        if (List.of(args).contains("throw")) {
            throw new IllegalStateException("this program fails");
        }
    }
}
