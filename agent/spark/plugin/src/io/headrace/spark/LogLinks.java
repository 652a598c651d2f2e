package io.headrace.spark;

import org.apache.spark.scheduler.cluster.CoarseGrainedClusterMessages.RegisterExecutor;
import scala.Function1;
import scala.PartialFunction;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Links from Spark's pages to logs. They are relative, because a page is shown below a path that nobody knows yet; the servers
 * find the logs from wherever in the pages a link stands.
 */
final class LogLinks extends AbstractPartialFunction<Object, BoxedUnit> {
    private final PartialFunction<Object, BoxedUnit> receiver;

    private LogLinks(PartialFunction<Object, BoxedUnit> receiver) {
        this.receiver = receiver;
    }

    /** Puts links into the registrations that a driver receives. */
    static PartialFunction<Object, BoxedUnit> on(PartialFunction<Object, BoxedUnit> receiver) {
        return new LogLinks(receiver);
    }

    /** The links of a worker, by the name that they have on a page. */
    static Map<String, String> of(String worker) {
        Map<String, String> none = Map$.MODULE$.empty();
        return none.updated("stdout", "../logs/" + worker + "/stdout").updated("stderr", "../logs/" + worker + "/stderr");
    }

    @Override
    public boolean isDefinedAt(Object message) {
        return receiver.isDefinedAt(message);
    }

    @Override
    public <A extends Object, B> B applyOrElse(A message, Function1<A, B> otherwise) {
        @SuppressWarnings("unchecked")
        PartialFunction<A, B> real = (PartialFunction<A, B>) receiver;
        return real.applyOrElse(linked(message), otherwise);
    }

    @SuppressWarnings("unchecked")
    private static <A> A linked(A message) {
        if (!(message instanceof RegisterExecutor)) {
            return message;
        }
        RegisterExecutor it = (RegisterExecutor) message;
        return (A) new RegisterExecutor(it.executorId(), it.executorRef(), it.hostname(), it.cores(), of("SPARK_EXECUTOR/" + it.executorId()),
            it.attributes(), it.resources(), it.resourceProfileId());
    }
}
