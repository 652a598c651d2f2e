import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Counts the primes below a number. */
public final class Primes {
    private Primes() {
    }

    /** Takes the number. */
    public static void main(String[] args) {
        long below = Long.parseLong(args[0]);
        SparkSession spark = SparkSession.builder().appName("primes").getOrCreate();
        FilterFunction<Long> prime = Primes::isPrime;
        long count = spark.range(2, below).as(Encoders.LONG()).filter(prime).count();
        System.out.println(count + " primes below " + below);
        spark.stop();
    }

    private static boolean isPrime(long n) {
        for (long divisor = 2; divisor * divisor <= n; divisor++) {
            if (n % divisor == 0) {
                return false;
            }
        }
        return true;
    }
}
