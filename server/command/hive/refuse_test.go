package hive

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/property"
)

func TestResolve_RefusesBadParameters(t *testing.T) {
	for parameters, said := range map[string]string{
		"--hiveconf":               "option --hiveconf (word 5) has no value",
		"--hiveconf --hivevar a=b": "option --hiveconf (word 5) has no value",
		"--hiveconf a":             "option --hiveconf (word 5) needs name=value",
		"--hivevar =b":             "option --hivevar (word 5) needs name=value",
		"--hiveconf=":              "option --hiveconf (word 5) needs name=value",
		"--database x":             "cannot read word 5: allowed are --hiveconf property=value and --hivevar name=value",
		"--hiveconf a=b c":         "cannot read word 7",
		"-hiveconf a=b":            "cannot read word 5",
		"--hiveconf 'a=b":          "is never closed",
		`--hiveconf a=b\`:          "ends in a backslash",
		"--hiveconf hive.driver.cores=3 --hivevar a=b": "hive.driver.cores=3, hive.driver.memory=6G, " +
			"hive.driver.disk=20G: a worker has 1, 2, 4, 8 or 16 vCPU, not 3",
	} {
		_, err := Resolve(given(parameters))
		wantInvalid(t, err, parametersField, said)
	}
}

func TestResolve_RefusesBadProperties(t *testing.T) {
	for _, c := range []struct{ key, value, said string }{
		{driverCores, "two", "hive.driver.cores=two: write a whole number from 1"},
		{driverCores, "0", "hive.driver.cores=0"},
		{taskCores, "3", "not 3"},
		{driverMemory, "many", "hive.driver.memory=many: write an amount"},
		{driverMemory, "17g", "at most 16 GB"},
		{driverMemory, "-1g", "hive.driver.memory=-1g"},
		{taskMemory, "4g", "hive.tez.container.size=4g: write a whole number from 256"},
		{taskMemory, "4", "hive.tez.container.size=4: write a whole number from 256"},
		{taskMemory, "16385", "at most 16 GB"},
		{taskMemory, "99999999999999999999", "hive.tez.container.size=99999999999999999999"},
		{"hive.driver.disk", "19G", "20 GB to 200 GB of standard disk, not 19 GB"},
		{"hive.driver.disk", "201G", "not 201 GB"},
		{"hive.tez.disk.size", "", "hive.tez.disk.size=: write an amount"},
		{"hive.tez.disk.type", "ssd", "write standard or shuffle_optimized"},
		{"hive.driver.disk.type", "", "write standard or shuffle_optimized"},
		{maxTasks, "0", "hive.max-task-containers=0"},
		{maxTasks, "2147483648", "from 1 to 2147483647"},
		{prewarm, "yes", "hive.prewarm.enabled=yes: write true or false"},
		{prewarmTasks, "-1", "hive.prewarm.numcontainers=-1"},
		{"hive.headrace.launch.env.", "x", "hive.headrace.launch.env.KEY cannot be set"},
		{"tez.am.emr-serverless.launch.env.A=B", "x", "tez.am.headrace.launch.env.KEY cannot be set"},
		{"tez.task.emr-serverless.launch.env.A", "x\x00", "tez.task.headrace.launch.env.KEY cannot be set"},
	} {
		_, err := Resolve(withSite(map[string]string{c.key: c.value}))
		wantInvalid(t, err, hiveSite, c.said)
	}
	_, err := Resolve(withSite(map[string]string{prewarm: "true", prewarmTasks: "5", maxTasks: "4"}))
	wantInvalid(t, err, hiveSite, "would start with 5 Tez tasks, and hive.max-task-containers is 4")
	_, err = Resolve(Input{Query: " ", Parameters: directories})
	wantInvalid(t, err, queryField, "cannot be empty")
}

func TestCase11_ShuffleOptimizedDisksNeedARelease(t *testing.T) {
	for _, key := range []string{"hive.driver.disk.type", "hive.tez.disk.type"} {
		in := withSite(map[string]string{key: "shuffle_optimized"})
		for label, accepted := range map[string]bool{
			"emr-7.0.0": false,
			"emr-6.6.0": false,
			"emr-7.1.0": true,
			"own":       true,
		} {
			in.ReleaseLabel = label
			if _, err := Resolve(in); !accepted {
				wantInvalid(t, err, hiveSite, "release "+label+" has standard disks only")
			} else if err != nil {
				t.Errorf("%s: %v", label, err)
			}
		}
	}
	for disk, accepted := range map[string]bool{"20G": true, "2T": true, "19G": false, "2.1T": false} {
		_, err := Resolve(withSite(map[string]string{
			"hive.tez.disk.type": "shuffle_optimized",
			"hive.tez.disk.size": disk,
		}))
		if (err == nil) != accepted {
			t.Errorf("%s of shuffle_optimized disk: %v", disk, err)
		}
	}
}

// However a submission with a password is wrong, its error does not repeat the password.
func TestResolve_NeverRepeatsAPassword(t *testing.T) {
	const key, secret = "javax.jdo.option.ConnectionPassword", "hunter2"
	for _, parameters := range []string{
		key + "=" + secret, "--hiveconf " + key + " " + secret, "--hiveconf " + key + "=a " + secret,
		"--hiveconf '" + key + "=" + secret,
		"--hiveconf " + key + "=\"" + secret, "--hiveconf " + key + ":" + secret, "--hiveconf=" + key + ":" + secret,
		"--" + key + "=" + secret, "--hiveconf " + key + "=" + secret + `\`, "--hiveconf " + key + "=x --" + secret,
		"--hiveconf " + key + "=" + secret + " --hiveconf hive.driver.cores=3",
	} {
		_, err := Resolve(given(parameters))
		wantInvalid(t, err, parametersField)
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", parameters, err)
		}
	}
	s := resolve(t, given("--hiveconf "+key+"="+secret))
	if s.Site[key] != secret {
		t.Errorf("the password is %q", s.Site[key])
	}
}

// FuzzResolve: whatever is submitted gives settings that hold together, and these, submitted as a run's hive-site, mean
// the same again; or it is refused as an invalid field.
func FuzzResolve(f *testing.F) {
	f.Add("--hiveconf hive.driver.cores=4", "hive.driver.memory", "30G", "emr-7.2.0")
	f.Add("--hivevar a=b --hiveconf=hive.prewarm.enabled=true", "hive.tez.container.size", "512", "emr-6.8.0")
	f.Add("--hiveconf 'a=b", "tez.am.emr-serverless.launch.env.A", "b", "")
	f.Fuzz(func(t *testing.T, parameters, key, value, label string) {
		in := given(parameters)
		in.ReleaseLabel = label
		in.Site = map[string]string{key: value}
		s, err := Resolve(in)
		if err != nil {
			wantField(t, err)
			return
		}
		checkSettings(t, &s)
		again := resolve(t, Input{ReleaseLabel: label, Query: in.Query, Site: s.Site})
		if again.Driver != s.Driver || again.Task != s.Task || again.Initial != s.Initial ||
			again.MaxTasks != s.MaxTasks || len(again.Site) != len(s.Site) {
			t.Fatalf("%+v\nmeans something else the second time:\n%+v", s, again)
		}
	})
}

func wantField(t *testing.T, err error) {
	t.Helper()
	var known bool
	for _, field := range []string{queryField, parametersField, hiveSite} {
		known = known || strings.HasPrefix(err.Error(), field+": ")
	}
	if !errs.Is(err, errs.Invalid) || !known {
		t.Fatalf("refused as %s: %v", errs.KindOf(err), err)
	}
}

func checkSettings(t *testing.T, s *Settings) {
	t.Helper()
	if s.Initial > s.MaxTasks || s.MaxTasks == 0 || s.MaxTasks > property.MaxCount || s.DriverHeapMiB <= 0 ||
		2*s.DriverHeapMiB > s.Driver.MemoryMiB {
		t.Fatalf("numbers do not hold together: %+v", s)
	}
	if s.Site[scratchDir] == "" || s.Site[warehouseDir] == "" || s.Task.MemoryMiB < 2<<10 {
		t.Fatalf("settings are not whole: %+v", s)
	}
}

// Linux starts no process with such strings.
func TestResolve_RefusesStringsThatNoProcessTakes(t *testing.T) {
	long := strings.Repeat("x", 128<<10)
	_, err := Resolve(Input{ReleaseLabel: "emr-7.2.0", Query: "q", Parameters: "--hiveconf a=b --hivevar a=" + long})
	if e, _ := err.(*errs.Error); e == nil || e.Field != parametersField ||
		!strings.Contains(e.Message, "word 4: it has 131075 bytes") || len(e.Message) > 500 {
		t.Errorf("%.300v", err)
	}
	in := given("")
	in.Site = map[string]string{"hive.headrace.launch.env.A": long}
	if _, err := Resolve(in); err == nil ||
		!strings.Contains(err.Error(), "hive.headrace.launch.env.A=***: it has 131075 bytes") {
		t.Errorf("%.300v", err)
	}
}
