package io.headrace.spark;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The job of a rehearsal without Python: a session, and a small query with a shuffle. */
public final class RehearsalJob {
    private RehearsalJob() {
    }

    /** Takes no arguments. */
    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().appName("rehearsal").getOrCreate();
        for (int i = 0; i < 2; i++) {
            spark.range(0, 1000, 1, 2).selectExpr("id % 7 as k", "cast(id as string) as text").groupBy("k")
                .agg(functions.count("text"), functions.sum(functions.length(functions.col("text")))).orderBy("k").collectAsList();
            spark.range(0, 1000, 1, 2).selectExpr("sum(id % 7) as total").collectAsList();
        }
        spark.stop();
    }
}
