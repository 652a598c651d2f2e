"""Asks for executors in its own settings, a context after the other, and says what became of each."""

from pyspark import SparkConf, SparkContext
from pyspark.resource import ExecutorResourceRequests, ResourceProfileBuilder


def attempt(name, **settings):
    """Makes a context with settings, whose dots are written as __, and says how many executors it had."""
    conf = SparkConf().setAll([(key.replace("__", "."), value) for key, value in settings.items()])
    conf.set("spark.scheduler.minRegisteredResourcesRatio", "1")
    context = None
    try:
        context = SparkContext(conf=conf)
        total = context.parallelize(range(4), 4).sum()
        executors = context._jsc.sc().getExecutorMemoryStatus().size() - 1
        print(name, "had", executors, "executors, sum", total)
        if name == "same":
            print("request for 5 more:", context._jsc.sc().requestExecutors(5))
            request = ExecutorResourceRequests().cores(2).memory("1g")
            context.parallelize([1], 1).withResources(ResourceProfileBuilder().require(request).build).count()
    except Exception as error:
        print(name, "failed:", str(error).replace("\n", " "))
    finally:
        if context is not None:
            context.stop()


attempt("same", spark__executor__instances="1", spark__executor__memory="524288k", spark__executor__cores="1")
attempt("less", spark__executor__instances="1", spark__executor__memory="480m", spark__executor__memoryOverhead="384m")
attempt("elastic", spark__dynamicAllocation__enabled="true", spark__dynamicAllocation__shuffleTracking__enabled="true",
        spark__dynamicAllocation__initialExecutors="1", spark__dynamicAllocation__maxExecutors="1")
attempt("memory", spark__executor__memory="8g")
attempt("cores", spark__executor__cores="4")
attempt("overhead", spark__executor__memoryOverhead="1g")
attempt("instances", spark__executor__instances="3")
attempt("maximum", spark__dynamicAllocation__enabled="true", spark__dynamicAllocation__maxExecutors="7")
attempt("environment", spark__executorEnv__MINE="secret-value")
attempt("blanks", spark__executorEnv__GIVEN="a  b")
attempt("options", spark__executor__extraJavaOptions="-Dmine=1")
attempt("grace", spark__headrace__exitGrace="soon")
