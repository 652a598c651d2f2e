package io.headrace.spark;

import java.util.List;
import java.util.Map;
import org.apache.spark.executor.CoarseGrainedExecutorBackend;
import org.apache.spark.executor.CoarseGrainedExecutorBackend$;

/** One executor of a rehearsal: the arguments of Spark's backend, and the settings that it needs before it has connected. */
record Launch(List<String> arguments, Map<String, String> properties) {

    /** Is an executor until its driver ends it. Spark's own main would end the process. */
    void run() {
        properties.forEach(System::setProperty);
        CoarseGrainedExecutorBackend$ backend = CoarseGrainedExecutorBackend$.MODULE$;
        backend.run(backend.parseArguments(arguments.toArray(new String[0]), "rehearsal"),
            (rpc, given, env, profile) -> new CoarseGrainedExecutorBackend(rpc, given.driverUrl(), given.executorId(), given.bindAddress(),
                given.hostname(), given.cores(), env, given.resourcesFileOpt(), profile));
        properties.keySet().forEach(System::clearProperty);
    }
}
