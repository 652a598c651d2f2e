package io.headrace.spark;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;
import scala.Product;
import scala.collection.Iterator;
import scala.collection.Seq;

/** Counts stages and tasks of the jobs that run now, for people who wait for them. Jobs that are over count no more. */
final class JobProgress extends SparkListener {
    /** The parts of a job's start, by their places: Scala 2.12 and 2.13 have other types of lists there. */
    private static final int STAGE_INFOS = 2;

    /** What is counted: stages that are over or need not run, all stages, and the same of their tasks. */
    record Counts(int stagesDone, int stages, int tasksDone, int tasks) {
        static final Counts NONE = new Counts(0, 0, 0, 0);
    }

    private static final class Stage {
        private final Set<Integer> parents = new HashSet<>();
        private int tasks;
        private int succeeded;
        private boolean submitted;
        private boolean over;
    }

    private final Runnable changed;
    private final Map<Integer, Set<Integer>> jobs = new HashMap<>();
    private final Map<Integer, Stage> stages = new HashMap<>();

    /** Calls changed after each change, from the thread that tells of them: it must not block. */
    JobProgress(Runnable changed) {
        this.changed = changed;
    }

    synchronized Counts counts() {
        int over = 0;
        int succeeded = 0;
        int tasks = 0;
        for (Stage stage : stages.values()) {
            over += stage.over ? 1 : 0;
            succeeded += Math.min(stage.succeeded, stage.tasks);
            tasks += stage.tasks;
        }
        return stages.isEmpty() ? Counts.NONE : new Counts(over, stages.size(), succeeded, tasks);
    }

    @Override
    public void onJobStart(SparkListenerJobStart job) {
        synchronized (this) {
            Set<Integer> own = new HashSet<>();
            Iterator<?> infos = ((Seq<?>) ((Product) job).productElement(STAGE_INFOS)).iterator();
            while (infos.hasNext()) {
                StageInfo info = (StageInfo) infos.next();
                own.add(info.stageId());
                stages.computeIfAbsent(info.stageId(), id -> stage(info));
            }
            jobs.put(job.jobId(), own);
        }
        changed.run();
    }

    private static Stage stage(StageInfo info) {
        Stage stage = new Stage();
        stage.tasks = info.numTasks();
        try {
            Iterator<Object> parents = info.parentIds().iterator();
            while (parents.hasNext()) {
                stage.parents.add((Integer) parents.next());
            }
        } catch (NoSuchMethodError e) {
            stage.parents.clear(); // Scala 2.13: stages that need not run count until their job ends
        }
        return stage;
    }

    /** A stage runs when those before it are there: what was not submitted of them need not run. */
    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
        synchronized (this) {
            Stage stage = stages.get(event.stageInfo().stageId());
            if (stage == null) {
                return;
            }
            stage.succeeded = Math.max(0, stage.tasks - event.stageInfo().numTasks()); // another attempt runs what is missing
            stage.submitted = true;
            stage.over = false;
            stage.parents.forEach(this::skip);
        }
        changed.run();
    }

    private void skip(int id) {
        Stage stage = stages.get(id);
        if (stage != null && !stage.submitted && !stage.over) {
            stage.over = true;
            stage.tasks = 0;
            stage.parents.forEach(this::skip);
        }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
        synchronized (this) {
            Stage stage = stages.get(task.stageId());
            if (stage == null || task.reason() != Success$.MODULE$) {
                return;
            }
            stage.succeeded++;
        }
        changed.run();
    }

    @Override
    public void onStageCompleted(SparkListenerStageCompleted event) {
        synchronized (this) {
            Stage stage = stages.get(event.stageInfo().stageId());
            if (stage != null && event.stageInfo().failureReason().isEmpty()) {
                stage.over = true;
            }
        }
        changed.run();
    }

    @Override
    public void onJobEnd(SparkListenerJobEnd job) {
        synchronized (this) {
            jobs.remove(job.jobId());
            stages.keySet().removeIf(id -> jobs.values().stream().noneMatch(own -> own.contains(id)));
        }
        changed.run();
    }
}
