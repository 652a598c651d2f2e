package io.headrace.spark;

import java.lang.reflect.Method;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses resource profiles: all executors of a run have one size. Spark refuses them too, but in words about other masters. */
final class OneSize extends ResourceProfileManager {
    private static final Logger LOG = LoggerFactory.getLogger(OneSize.class);

    private OneSize(SparkContext context) {
        super(context.conf(), context.listenerBus());
    }

    /** Puts itself into a context that is being made. A Spark that does not let it refuses profiles in its own words. */
    static void in(SparkContext context) {
        try {
            Method set = SparkContext.class.getDeclaredMethod("_resourceProfileManager_$eq", ResourceProfileManager.class);
            set.setAccessible(true);
            set.invoke(context, new OneSize(context));
        } catch (ReflectiveOperationException e) {
            LOG.debug("cannot say in our words that there are no resource profiles", e);
        }
    }

    @Override
    public boolean isSupported(ResourceProfile profile) {
        if (profile.id() == ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID()) {
            return true;
        }
        throw new UnsupportedOperationException("cannot schedule a stage with resources of its own, " + profile + ": all executors of "
            + "a run have one size. Leave withResources out, and submit the run with executors that suit its largest stage "
            + "(spark.executor.cores, spark.executor.memory), or make that stage a run of its own");
    }
}
