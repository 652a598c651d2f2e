package io.headrace.spark;

import java.util.List;
import org.apache.spark.SparkConf;

/** The size of executors that settings ask for: cores, and memory in and beside the heap. Servers reckon alike. */
record ExecutorSize(int cores, long heapMib, long besideMib) {
    private static final String CORES = "spark.executor.cores";
    private static final String MEMORY = "spark.executor.memory";
    private static final String OVERHEAD = "spark.executor.memoryOverhead";
    private static final String FACTOR = "spark.executor.memoryOverheadFactor";
    private static final String OUR_FACTOR = "spark.headrace.memoryOverheadFactor";
    private static final String AWS_FACTOR = "spark.emr-serverless.memoryOverheadFactor";
    private static final String PYTHON = "spark.executor.pyspark.memory";
    private static final String OFF_HEAP = "spark.memory.offHeap.enabled";
    private static final String OFF_HEAP_SIZE = "spark.memory.offHeap.size";
    private static final long LEAST_OVERHEAD_MIB = 384;
    private static final double DEFAULT_FACTOR = 0.1;

    /** The settings that make a size. */
    static final List<String> SETTINGS =
        List.of(CORES, MEMORY, OVERHEAD, FACTOR, OUR_FACTOR, AWS_FACTOR, PYTHON, OFF_HEAP, OFF_HEAP_SIZE);

    static ExecutorSize of(SparkConf conf) {
        long heap = conf.getSizeAsMb(MEMORY, "1g");
        long beside = overhead(conf, heap) + conf.getSizeAsMb(PYTHON, "0");
        if (conf.getBoolean(OFF_HEAP, false)) {
            beside += (conf.getSizeAsBytes(OFF_HEAP_SIZE, 0) + (1 << 20) - 1) >> 20;
        }
        return new ExecutorSize(conf.getInt(CORES, 1), heap, beside);
    }

    private static long overhead(SparkConf conf, long heapMib) {
        if (conf.contains(OVERHEAD)) {
            return conf.getSizeAsMb(OVERHEAD);
        }
        double factor = conf.getDouble(FACTOR, conf.getDouble(AWS_FACTOR, conf.getDouble(OUR_FACTOR, DEFAULT_FACTOR)));
        return Math.max((long) (factor * heapMib), LEAST_OVERHEAD_MIB);
    }

    long totalMib() {
        return heapMib + besideMib;
    }

    @Override
    public String toString() {
        return cores + " cores and " + totalMib() + " MiB (" + heapMib + " of heap and " + besideMib + " beside it)";
    }
}
