package io.headrace.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.ExternalClusterManager;
import org.apache.spark.scheduler.SchedulerBackend;
import org.apache.spark.scheduler.TaskScheduler;
import org.apache.spark.scheduler.TaskSchedulerImpl;

/**
 * Makes Spark use Headrace for masters of the form spark-headrace://agent. Spark finds it by ServiceLoader, so the jar must be on
 * the driver's own class path. The scheme begins with "spark" because SparkSubmit refuses all others that it does not know.
 */
public final class HeadraceClusterManager implements ExternalClusterManager {
    private static final String SCHEME = "spark-headrace://";

    @Override
    public boolean canCreate(String master) {
        return master.startsWith(SCHEME);
    }

    @Override
    public TaskScheduler createTaskScheduler(SparkContext context, String master) {
        OneSize.in(context);
        return new TaskSchedulerImpl(context);
    }

    @Override
    public SchedulerBackend createSchedulerBackend(SparkContext context, String master, TaskScheduler scheduler) {
        return new HeadraceBackend((TaskSchedulerImpl) scheduler, context);
    }

    @Override
    public void initialize(TaskScheduler scheduler, SchedulerBackend backend) {
        ((TaskSchedulerImpl) scheduler).initialize(backend);
    }
}
