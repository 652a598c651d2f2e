package io.headrace.spark;

import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpointAddress;
import org.apache.spark.scheduler.ExecutorDecommissionInfo;
import org.apache.spark.scheduler.ExecutorExited;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import org.apache.spark.scheduler.cluster.CoarseGrainedSchedulerBackend;
import org.apache.spark.scheduler.cluster.SchedulerBackendUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.PartialFunction;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.concurrent.Future;
import scala.runtime.BoxedUnit;

/**
 * Asks the agent on this machine for executors and tells Spark how they ended. Everything between driver and executors is
 * Spark's own; only their number, their removal and their end go through here.
 */
public final class HeadraceBackend extends CoarseGrainedSchedulerBackend {
    private static final Logger LOG = LoggerFactory.getLogger(HeadraceBackend.class);
    private static final String DRIVER_ENDPOINT = "CoarseGrainedScheduler";
    private static final int DEFAULT_EXECUTORS = 2;

    /** How often the agent is told at most how far the jobs are. */
    private static final long PROGRESS_SECONDS = 1;

    /** Counts the contexts of this JVM: a program may stop one and make another, which needs a name of its own. */
    private static final AtomicInteger CONTEXTS = new AtomicInteger();

    private final SparkContext context;
    private final SparkConf conf;
    private final String applicationId;
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private final Set<String> leaving = ConcurrentHashMap.newKeySet();
    private final Shortage shortage = new Shortage();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "headrace-losses");
        thread.setDaemon(true);
        return thread;
    });

    private final JobProgress jobs = new JobProgress(this::jobsChanged);
    private final AtomicBoolean telling = new AtomicBoolean();

    // Known from start on.
    private Submission.Terms terms;
    private int initialExecutors;
    private AgentConnection agent;

    HeadraceBackend(TaskSchedulerImpl scheduler, SparkContext context) {
        super(scheduler, context.env().rpcEnv());
        this.context = context;
        this.conf = context.conf();
        int number = CONTEXTS.incrementAndGet();
        String id = conf.get("spark.headrace.applicationId", "headrace-" + System.currentTimeMillis());
        this.applicationId = number == 1 ? id : id + "-" + number;
    }

    /** Refuses settings here and not when it is made: Spark would hide why. */
    @Override
    public void start() {
        Driver.checkGrace(conf);
        terms = Submission.settle(conf);
        initialExecutors = SchedulerBackendUtils.getInitialTargetExecutorNumber(conf, Math.min(DEFAULT_EXECUTORS, terms.maximum()));
        super.start();
        agent = new AgentConnection(conf.get("spark.headrace.socket"), token(),
            conf.getInt("spark.headrace.reconnectSeconds", 600), this::executorEnded, shortage::told, this::executorLeaving,
            this::agentLost);
        agent.launch(driverUrl(), applicationId(), startupProperties());
        agent.ui(uiPort());
        agent.target(initialExecutors);
        agent.start();
        context.addSparkListener(jobs);
        context.addSparkListener(new SparkListener() {
            @Override
            public void onExecutorAdded(SparkListenerExecutorAdded added) {
                if (leaving.contains(added.executorId())) {
                    letGo(added.executorId());
                }
            }
        });
    }

    /** Many tasks may end within a second: they are told together. */
    private void jobsChanged() {
        if (!telling.compareAndSet(false, true)) {
            return;
        }
        try {
            timer.schedule(() -> {
                telling.set(false);
                agent.progress(jobs.counts());
            }, PROGRESS_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("nobody is told of jobs any more: the driver stops", e);
        }
    }

    /** Executors leave by Spark's own message; nothing may replace them. */
    @Override
    public void stop() {
        if (agent != null) {
            agent.target(0);
        }
        super.stop();
        timer.shutdownNow();
        if (agent != null) {
            agent.close();
        }
    }

    @Override
    public String applicationId() {
        return applicationId;
    }

    @Override
    public Option<scala.collection.immutable.Map<String, String>> getDriverLogUrls() {
        return Option.apply(LogLinks.of("SPARK_DRIVER"));
    }

    /** Gives each attempt an event log of its own. */
    @Override
    public Option<String> applicationAttemptId() {
        return Option.apply(conf.get("spark.headrace.attempt", null));
    }

    /** What there cannot be now is not waited for, but one executor always is. */
    @Override
    public boolean sufficientResourcesRegistered() {
        double ratio = Math.min(1, conf.getDouble("spark.scheduler.minRegisteredResourcesRatio", 0.8));
        return totalRegisteredExecutors().get() >= shortage.bound(initialExecutors) * ratio;
    }

    /** There is one resource profile: OneSize refuses others. More executors than the run may have are not acknowledged. */
    @Override
    public Future<Object> doRequestTotalExecutors(scala.collection.immutable.Map<ResourceProfile, Object> totals) {
        int target = 0;
        for (Iterator<Tuple2<ResourceProfile, Object>> each = totals.iterator(); each.hasNext();) {
            Tuple2<ResourceProfile, Object> wanted = each.next();
            if (wanted._1().id() == ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID()) {
                target = (Integer) wanted._2();
            } else if ((Integer) wanted._2() > 0) {
                LOG.warn("cannot start executors of resource profile {}: only the default one is there", wanted._1().id());
            }
        }
        if (target > terms.maximum()) {
            LOG.warn("cannot have {} executors: the run was submitted with at most {}", target, terms.maximum());
        }
        agent.target(Math.min(target, terms.maximum()));
        return answer(target <= terms.maximum());
    }

    /** Scala 2.12 calls this one. */
    @Override
    public Future<Object> doKillExecutors(scala.collection.Seq<String> ids) {
        return kill(ids.iterator());
    }

    /** Scala 2.13 calls this one. */
    public Future<Object> doKillExecutors(scala.collection.immutable.Seq<String> ids) {
        return kill(ids.iterator());
    }

    private Future<Object> kill(Iterator<String> ids) {
        while (ids.hasNext()) {
            agent.stop(ids.next());
        }
        agent.send();
        return answer(true);
    }

    private static Future<Object> answer(boolean acknowledged) {
        return scala.concurrent.Future$.MODULE$.successful((Object) acknowledged);
    }

    @Override
    public DriverEndpoint createDriverEndpoint() {
        return new Endpoint();
    }

    /** Keeps Spark from guessing why a connection broke: the agent knows, and says it a moment later. */
    private final class Endpoint extends DriverEndpoint {
        @Override
        public void onDisconnected(RpcAddress address) {
            Option<String> id = addressToExecutorId().get(address);
            if (id.isDefined() && disableExecutor(id.get())) {
                timer.schedule(() -> remove(id.get(), -1, false, "its connection broke, and nobody has told why in time"),
                    conf.getTimeAsSeconds("spark.headrace.lossWait", "10s"), TimeUnit.SECONDS);
            }
        }

        /** An executor that registers gets links to its logs. */
        @Override
        public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext call) {
            return LogLinks.on(super.receiveAndReply(call));
        }
    }

    /** Called by the connection's thread; the agent repeats itself after every connect. */
    private void executorEnded(String id, int code, boolean programFault, String message) {
        remove(id, code, programFault, message);
    }

    private void remove(String id, int code, boolean programFault, String message) {
        if (ended.add(id)) {
            LOG.info("executor {} ended with code {}: {}", id, code, message);
            removeExecutor(id, new ExecutorExited(code, programFault, message));
        }
    }

    /** Called by the connection's thread for an executor whose node drains. One that has yet to register is let go then. */
    private void executorLeaving(String id) {
        if (leaving.add(id)) {
            letGo(id);
        }
    }

    /** Gives an executor no further task, and has it end once its tasks are done and its blocks are with others. */
    private void letGo(String id) {
        if (!isExecutorActive(id)) {
            return;
        }
        try {
            LOG.info("executor {} is let go: its node drains", id);
            decommissionExecutor(id, new ExecutorDecommissionInfo("its node drains", Option.empty()), false, false);
        } catch (LinkageError e) {
            LOG.warn("cannot let executor {} go, which is stopped with its node: this Spark cannot decommission", id, e);
        }
    }

    /** Without an agent nobody starts executors, so the job cannot end. */
    private void agentLost(String reason) {
        LOG.error("stopping: {}", reason);
        context.stopInNewThread();
    }

    /** Forgets the contexts of a rehearsal. */
    static void forgetContexts() {
        CONTEXTS.set(0);
    }

    /** What this driver shows its agent: of a run that was handed over, of a rehearsal, or of a cold start. */
    private String token() {
        String handed = WarmWorker.token();
        return handed != null ? handed : conf.get("spark.headrace.token", conf.getenv("HEADRACE_SOCKET_TOKEN"));
    }

    /** Spark binds its pages before it starts a backend. */
    private int uiPort() {
        return context.uiWebUrl().isDefined() ? Math.max(0, URI.create(context.uiWebUrl().get()).getPort()) : 0;
    }

    private String driverUrl() {
        int port = conf.getInt("spark.driver.port", 0);
        return new RpcEndpointAddress(conf.get("spark.driver.host"), port, DRIVER_ENDPOINT).toString();
    }

    /** What an executor must know before it has connected. Secrets travel elsewhere. */
    private Map<String, String> startupProperties() {
        Map<String, String> properties = new TreeMap<>(terms.launch());
        for (Tuple2<String, String> each : conf.getAll()) {
            String name = each._1().toLowerCase();
            if (SparkConf.isExecutorStartupConf(each._1()) && !name.contains("secret") && !name.contains("password")) {
                properties.put(each._1(), each._2());
            }
        }
        return properties;
    }
}
