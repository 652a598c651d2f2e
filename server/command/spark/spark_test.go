package spark

import (
	"maps"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command/property"
)

// The fields of levels, as package command names them.
const (
	overrides   = "spec.configuration_overrides.application_configuration"
	run         = overrides + "[spark-defaults]"
	application = "spec.runtime_configuration[spark-defaults]"
)

// given returns a submission with these parameters; tests change what they are about.
func given(parameters string) Input {
	return Input{ReleaseLabel: "emr-7.2.0", EntryPoint: "s3://bucket/job.py", Parameters: parameters}
}

// from is what is said in a field of a request.
func from(field string, properties map[string]string) property.Level {
	return property.Level{Field: field, Properties: properties}
}

func resolve(t *testing.T, in Input) Settings {
	t.Helper()
	s, err := Resolve(in)
	if err != nil {
		t.Fatalf("cannot resolve %q: %v", in.Parameters, err)
	}
	return s
}

func TestResolve_HasTheDefaultsOfTheRelease(t *testing.T) {
	s := resolve(t, given(""))
	size := resource.Size{
		Vector: resource.Vector{MilliCPU: 4000, MemoryMiB: 16 << 10, DiskMiB: 20 << 10},
		Disk:   resource.DiskStandard,
	}
	if s.Driver != size || s.Executor != size || s.DriverHeapMiB != 14<<10 || s.ExecutorHeapMiB != 14<<10 ||
		s.ExecutorCores != 4 {
		t.Errorf("default sizes are %+v", s)
	}
	if !s.Dynamic || s.Initial != 3 || s.Minimum != 0 || s.Maximum != math.MaxUint32 || s.BatchSize != 20 {
		t.Errorf("default numbers are %+v", s)
	}
	want := map[string]string{
		"spark.driver.cores":    "4",
		"spark.driver.memory":   "14336m",
		"spark.executor.cores":  "4",
		"spark.executor.memory": "14336m",
		"spark.authenticate":    "true", "spark.network.crypto.enabled": "true",
		"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.initialExecutors": "3",
		"spark.dynamicAllocation.minExecutors": "0", "spark.dynamicAllocation.executorIdleTimeout": "60s",
		"spark.dynamicAllocation.shuffleTracking.enabled": "true",
		"spark.dynamicAllocation.shuffleTracking.timeout": "300s",
		"spark.decommission.enabled":                      "true", "spark.storage.decommission.enabled": "true",
		"spark.storage.decommission.rddBlocks.enabled":     "true",
		"spark.storage.decommission.shuffleBlocks.enabled": "true",
		"spark.headrace.allocation.batch.size":             "20", "spark.headrace.memoryOverheadFactor": "0.1",
		"spark.headrace.driver.disk": "20G", "spark.headrace.executor.disk": "20G",
		"spark.headrace.driver.disk.type": "standard", "spark.headrace.executor.disk.type": "standard",
	}
	if !maps.Equal(s.Properties, want) {
		t.Errorf("default properties are\n%v\nnot\n%v", s.Properties, want)
	}
}

// The sizes are the vectors of the specification (jobs 7.6).
func TestResolve_RoundsMemoryWithOverheadUpTheLadder(t *testing.T) {
	for _, c := range []struct {
		cores, memory, more string
		wantGB              int64
	}{
		{"4", "14G", "", 16},
		{"4", "20g", "", 22},
		{"4", "16g", "", 18},
		{"1", "4g", "", 5},
		{"4", "10G", "", 11},
		{"2", "6G", "", 7},
		{"4", "27g", "", 30},
		{"4", "3g", "", 8},
		{"1", "3g", "", 4},
		{"8", "20g", "", 24},
		{"16", "100g", "", 112},
		{"1", "2048", "", 3},
		{"1", "1024m", "", 2},
		{"1", "1048576k", "", 2},
		{"1", "1073741824b", "", 2},
		{"16", "109g", "", 120},
		{"4", "14g", "--conf spark.executor.memoryOverhead=4g", 18},
		{"4", "14g", "--conf spark.executor.memoryOverhead=100", 15},
		{"4", "10g", "--conf spark.emr-serverless.memoryOverheadFactor=0.5", 15},
		{"4", "10g", "--conf spark.executor.memoryOverheadFactor=0.2", 12},
		{"4", "10g", "--conf spark.memory.offHeap.enabled=true --conf spark.memory.offHeap.size=2147483648", 13},
		{"4", "10g", "--conf spark.memory.offHeap.enabled=true --conf spark.memory.offHeap.size=0", 11},
		{"4", "10g", "--conf spark.memory.offHeap.enabled=true --conf spark.memory.offHeap.size=1", 12},
		{"4", "10g", "--conf spark.memory.offHeap.size=2g", 11},
		{"4", "10g", "--conf spark.executor.pyspark.memory=1g", 12},
	} {
		s := resolve(t, given("--executor-cores "+c.cores+" --executor-memory "+c.memory+" "+c.more))
		if s.Executor.MemoryMiB != c.wantGB<<10 {
			t.Errorf("%s cores, %s %s: got %s, want %d GB", c.cores, c.memory, c.more,
				resource.FormatMiB(s.Executor.MemoryMiB), c.wantGB)
		}
	}
}

func TestResolve_TakesTheHighestLevel(t *testing.T) {
	in := given("--executor-memory 2g --conf spark.executor.memory=3g --conf spark.a=parameters --conf spark.a=last")
	in.Defaults = from(run, map[string]string{
		"spark.executor.memory": "4g",
		"spark.a":               "run",
		"spark.b":               "run",
		"spark.hadoop.b":        "run",
		"spark.driver.memory":   "5g",
	})
	in.Hadoop = []property.Level{from(run, map[string]string{"b": "site", "c": "site", "spark.hadoop.d": "site"})}
	s := resolve(t, in)
	if s.ExecutorHeapMiB != 2<<10 || s.DriverHeapMiB != 5<<10 {
		t.Errorf("heaps are %d and %d MiB", s.ExecutorHeapMiB, s.DriverHeapMiB)
	}
	for key, want := range map[string]string{
		"spark.a": "last", "spark.b": "run", "spark.executor.memory": "2048m",
		"spark.hadoop.b": "run", "spark.hadoop.c": "site", "spark.hadoop.d": "site",
	} {
		if s.Properties[key] != want {
			t.Errorf("%s is %q, want %q", key, s.Properties[key], want)
		}
	}
}

func TestResolve_UnderstandsBothSpellingsOfServiceProperties(t *testing.T) {
	in := given("--conf spark.emr-serverless.executor.disk=50G")
	in.Defaults.Properties = map[string]string{
		"spark.headrace.executor.disk":     "60G",
		"spark.headrace.driver.disk":       "70G",
		"spark.emr-serverless.driver.disk": "80G",
	}
	s := resolve(t, in)
	if s.Executor.DiskMiB != 50<<10 || s.Driver.DiskMiB != 70<<10 {
		t.Errorf("disks are %s and %s: the level decides, then our spelling",
			resource.FormatMiB(s.Executor.DiskMiB), resource.FormatMiB(s.Driver.DiskMiB))
	}
	for key := range s.Properties {
		if strings.HasPrefix(key, "spark.emr-serverless.") {
			t.Errorf("property %s kept its other spelling", key)
		}
	}
}

func TestResolve_MapsEveryOption(t *testing.T) {
	s := resolve(t, given(`--class org.example.Main --verbose --jars a.jar,b.jar --files f --py-files p.zip
		--archives x.tgz#x --packages g:a:v --repositories r --exclude-packages g:b --driver-memory 6g
		--driver-cores 2 --executor-memory=6g --executor-cores=2 --num-executors 7 --driver-class-path d.jar
		--driver-java-options "-Da=1 -Db='x y'" --driver-library-path /lib --name 'my job'
		-c spark.x=1=2 --conf "spark.y=a b" --conf spark.z=`))
	if s.MainClass != "org.example.Main" || s.Initial != 7 || s.Driver.MilliCPU != 2000 ||
		s.Executor.MemoryMiB != 7<<10 {
		t.Errorf("resolved %+v", s)
	}
	for key, want := range map[string]string{
		"spark.jars": "a.jar,b.jar", "spark.files": "f", "spark.submit.pyFiles": "p.zip", "spark.archives": "x.tgz#x",
		"spark.jars.packages":           "g:a:v",
		"spark.jars.repositories":       "r",
		"spark.jars.excludes":           "g:b",
		"spark.driver.extraClassPath":   "d.jar",
		"spark.driver.extraJavaOptions": "-Da=1 -Db='x y'",
		"spark.driver.extraLibraryPath": "/lib",
		"spark.app.name":                "my job",
		"spark.x":                       "1=2", "spark.y": "a b", "spark.z": "",
	} {
		if got, set := s.Properties[key]; got != want || !set {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestResolve_SplitsEnvironments(t *testing.T) {
	s := resolve(t,
		given("--conf spark.emr-serverless.driverEnv.A=1 --conf spark.headrace.driverEnv.B=2 "+
			"--conf spark.executorEnv.C=3"))
	if !maps.Equal(s.DriverEnv, map[string]string{"A": "1", "B": "2"}) ||
		!maps.Equal(s.ExecutorEnv, map[string]string{"C": "3"}) {
		t.Errorf("environments are %v and %v", s.DriverEnv, s.ExecutorEnv)
	}
	if _, leaked := s.Properties["spark.headrace.driverEnv.A"]; leaked || s.Properties["spark.executorEnv.C"] != "3" {
		t.Errorf("properties are %v", s.Properties)
	}
}

func TestResolve_CountsExecutorsAsSparkDoes(t *testing.T) {
	const d = " --conf spark.dynamicAllocation."
	for _, c := range []struct {
		label, parameters         string
		initial, minimum, maximum uint32
		dynamic                   bool
	}{
		{"emr-6.10.0", "", 3, 0, math.MaxUint32, true},
		{"emr-6.9.0", "", 3, 0, 100, true},
		{"my-spark", "", 3, 0, math.MaxUint32, true},
		{"emr-7.2.0", "--num-executors 1", 1, 0, math.MaxUint32, true},
		{"emr-7.2.0", "--num-executors 0", 0, 0, math.MaxUint32, true},
		{"emr-7.2.0", "--num-executors 9" + d + "initialExecutors=5", 9, 0, math.MaxUint32, true},
		{"emr-7.2.0", "--num-executors 2" + d + "initialExecutors=5", 5, 0, math.MaxUint32, true},
		{"emr-7.2.0", d + "minExecutors=6", 6, 6, math.MaxUint32, true},
		{"emr-7.2.0", d + "minExecutors=6" + d + "initialExecutors=2", 6, 6, math.MaxUint32, true},
		{"emr-7.2.0", d + "maxExecutors=2", 2, 0, 2, true},
		{"emr-7.2.0", d + "maxExecutors=Infinity", 3, 0, math.MaxUint32, true},
		{"emr-7.2.0", d + "maxExecutors=2147483647", 3, 0, math.MaxUint32, true},
		{"emr-7.2.0", d + "enabled=false", 3, 1, 3, false},
		{"emr-7.2.0", d + "enabled=false --num-executors 50", 50, 1, 50, false},
	} {
		in := given(c.parameters)
		in.ReleaseLabel = c.label
		s := resolve(t, in)
		if s.Initial != c.initial || s.Minimum != c.minimum || s.Maximum != c.maximum || s.Dynamic != c.dynamic {
			t.Errorf("%s %q: %d of %d to %d, dynamic %t", c.label, c.parameters, s.Initial, s.Minimum, s.Maximum,
				s.Dynamic)
		}
		_, hasInstances := s.Properties["spark.executor.instances"]
		_, hasTracking := s.Properties["spark.dynamicAllocation.shuffleTracking.enabled"]
		if hasInstances == c.dynamic || hasTracking != c.dynamic ||
			strings.EqualFold(s.Properties["spark.dynamicAllocation.maxExecutors"], "infinity") {
			t.Errorf("%s %q: Spark is told %v", c.label, c.parameters, s.Properties)
		}
	}
}

func TestResolve_LeavesOutWhatThePlatformSets(t *testing.T) {
	s := resolve(t,
		given("--conf spark.driver.host=h --conf spark.driver.bindAddress=b --conf spark.shuffle.service.enabled=true"))
	for key := range overridden {
		if _, set := s.Properties[key]; set {
			t.Errorf("%s is in the properties", key)
		}
	}
}

func TestResolve_EncryptsOnlyWithAuthentication(t *testing.T) {
	s := resolve(t, given("--conf spark.authenticate=false"))
	if s.Properties["spark.network.crypto.enabled"] != "false" {
		t.Errorf("properties are %v", s.Properties)
	}
}

func TestResolve_RefusesWithFieldAndNumbers(t *testing.T) {
	const p = "spec.driver.spark_submit.spark_submit_parameters"
	type level = map[string]string
	for _, c := range []struct {
		in    Input
		field string
		want  []string
	}{
		{
			given("--executor-cores 4 --executor-memory 28g"), p,
			[]string{"4 vCPU", "30 GB", "30.7 GB", "28g", "2867 MB"},
		},
		{given("--executor-cores 3"), p, []string{"1, 2, 4, 8 or 16 vCPU", "not 3", "spark.executor.cores=3"}},
		{given("--driver-cores -1"), p, []string{"spark.driver.cores=-1", "from 1"}},
		{given("--executor-memory 1.5g"), p, []string{"spark.executor.memory=1.5g", "whole number"}},
		{given("--executor-memory -2g"), p, []string{"spark.executor.memory=-2g", "from 1m"}},
		{given("--executor-memory 4x"), p, []string{"4x"}},
		{given("--executor-memory 0"), p, []string{"less than 1 MB"}},
		{given("--executor-memory 9999999999999999g"), p, []string{"1048576g"}},
		{
			given("--conf spark.emr-serverless.executor.disk=300G"), p,
			[]string{"300 GB", "20 GB to 200 GB", "spark.headrace.executor.disk=300G"},
		},
		{given("--conf spark.headrace.executor.disk.type=fast"), p, []string{"shuffle_optimized"}},
		{given("--conf spark.headrace.memoryOverheadFactor=NaN"), p, []string{"from 0 to 100"}},
		{given("--conf spark.dynamicAllocation.enabled=maybe"), p, []string{"maybe", "true or false"}},
		{
			given("--conf spark.dynamicAllocation.minExecutors=5 --conf spark.dynamicAllocation.maxExecutors=4"), p,
			[]string{"5", "4"},
		},
		{given("--conf spark.dynamicAllocation.minExecutors=-5"), p, []string{"=-5", "from 0"}},
		{given("--conf spark.dynamicAllocation.maxExecutors=0"), p, []string{"from 1"}},
		{
			given("--num-executors 9 --conf spark.dynamicAllocation.maxExecutors=4"), p,
			[]string{"spark.executor.instances=9", "4"},
		},
		{
			given("--num-executors 0 --conf spark.dynamicAllocation.enabled=false"), p,
			[]string{"spark.executor.instances=0", "from 1"},
		},
		{given("--num-executors 5000000000"), p, []string{"5000000000", "2147483647"}},
		{given("--conf spark.emr-serverless.allocation.batch.size=0"), p, []string{"from 1"}},
		{
			given("--conf spark.authenticate=false --conf spark.network.crypto.enabled=true"), p,
			[]string{"spark.authenticate=true"},
		},
		{given("--master yarn"), p, []string{"--master", "Headrace decides"}},
		{given("--deploy-mode=cluster"), p, []string{"--deploy-mode", "worker of its own"}},
		{given("--properties-file /x"), p, []string{"read on the server"}},
		{given("--conf spark.master=yarn"), p, []string{"spark.master=yarn"}},
		{given("--remote sc://there"), p, []string{"--remote", "Spark Connect"}},
		{given("--conf spark.remote=sc://there"), p, []string{"spark.remote=sc://there", "Spark Connect"}},
		{given("--frobnicate 3"), p, []string{"--frobnicate", "--executor-memory", "--conf"}},
		{given("job.py --class A"), p, []string{`"job.py"`, "fields of their own"}},
		{given("--class"), p, []string{"--class has no value"}},
		{given("--name --class A"), p, []string{"--name has no value"}},
		{given("--conf spark.x"), p, []string{"property=value", `"spark.x"`}},
		{given("--conf =x"), p, []string{"property=value"}},
		{given(`--name "my job`), p, []string{`quote "`, "character 8"}},
		{given(`--name 'my job`), p, []string{`quote '`, "character 8"}},
		{given(`--name a\`), p, []string{"backslash", "character 9"}},
		{
			Input{EntryPoint: "e", Defaults: from(run, level{"spark.submit.deployMode": "cluster"})},
			run,
			[]string{"spark.submit.deployMode=cluster"},
		},
		{
			Input{EntryPoint: "e", Defaults: from(application, level{"spark.executor.cores": "5"})},
			application,
			[]string{"not 5"},
		},
		{
			Input{
				EntryPoint:   "e",
				ReleaseLabel: "emr-7.0.0",
				Defaults:     from(run, level{"spark.emr-serverless.driver.disk.type": "shuffle_optimized"}),
			},
			run,
			[]string{"emr-7.0.0", "emr-7.1.0"},
		},
		{Input{}, "spec.driver.spark_submit.entry_point", []string{"cannot be empty"}},
	} {
		_, err := Resolve(c.in)
		e, _ := err.(*errs.Error)
		if e == nil || e.Kind != errs.Invalid || e.Field != c.field {
			t.Errorf("%+v: got %v, want an invalid %s", c.in, err, c.field)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(e.Message, want) {
				t.Errorf("%+v: message %q lacks %q", c.in, e.Message, want)
			}
		}
	}
}

// The agent's settings have secrets whose names only Spark's own pattern knows.
func TestResolve_KeepsSparksRedactionBesideARuns(t *testing.T) {
	const name = "spark.redaction.regex"
	own := resolve(t, given("--conf "+name+"=(?i)iban|customer")).Properties[name]
	pattern, err := regexp.Compile(own)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"fs.s3a.secret.key":    true,
		"fs.s3a.access.key":    true,
		"fs.s3a.session.token": true,
		"my.Password":          true,
		"an.IBAN":              true, "Customer": true, "fs.s3a.endpoint": false,
	} {
		if pattern.MatchString(text) != want {
			t.Errorf("%q is redacted by %q: %t, want %t", text, own, !want, want)
		}
	}
	if without, set := resolve(t, given("")).Properties[name]; set {
		t.Errorf("a run without a pattern has %q", without)
	}
}

func TestResolve_NeverRepeatsASecret(t *testing.T) {
	for _, key := range []string{"spark.authenticate.secret", "spark.authenticate.secret.file"} {
		_, err := Resolve(given("--conf " + key + "=hunter2"))
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// What --conf says is kept whole; what stands in files Spark cuts.
func TestA5_BlanksAtTheEndsOfConfAreKept(t *testing.T) {
	in := given(`--conf 'spark.a= x ' --conf "spark.tab=	"`)
	in.Defaults = property.Level{Field: run, Properties: map[string]string{"spark.b": " y\n", "spark.a": "z"}}
	s := resolve(t, in)
	for name, want := range map[string]string{"spark.a": " x ", "spark.tab": "\t", "spark.b": "y\n"} {
		if got := s.Properties[name]; got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

func TestA10_HowManyFilesOfAnEventLogStayIsANumber(t *testing.T) {
	for value, valid := range map[string]bool{"1": true, "2147483647": true, "0": false, "-1": false, "all": false} {
		settings, err := Resolve(given("--conf " + keptEvents + "=" + value))
		if valid && (err != nil || settings.Properties[keptEvents] != value) {
			t.Errorf("%s: the driver gets %q, %v", value, settings.Properties[keptEvents], err)
		}
		if !valid && (!errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), keptEvents+"="+value)) {
			t.Errorf("%s: %v", value, err)
		}
	}
}
