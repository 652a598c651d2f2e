package spark

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/upload"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// driverClass is what drivers run: SparkSubmit, without the shell scripts around it, and then the end of the process.
// See plugin/.
const driverClass = "io.headrace.spark.Driver"

// driver returns the command of a driver.
func (e *Engine) driver(ctx context.Context, p layout, w *agentv1.AssignedWorker, d *agentv1.SparkDriver) (
	runtime.Command, error,
) {
	entry, err := e.entry(ctx, p, w)
	if err != nil {
		return runtime.Command{}, err
	}
	properties, err := e.settleProperties(ctx, p, w, entry)
	if err != nil {
		return runtime.Command{}, err
	}
	sources, err := e.driverSources(ctx, p, w, entry, properties)
	if err != nil {
		return runtime.Command{}, err
	}
	if err := p.writeProperties("spark.properties", properties); err != nil {
		return runtime.Command{}, refused("cannot write the driver's properties: %v", err)
	}
	logs, err := p.log4j(d.GetLog4J2())
	if err != nil {
		return runtime.Command{}, err
	}
	java := driverJVM(p, w, d, properties)
	java.options = append(logs, java.options...)
	java.class = driverClass
	java.args = submitArguments(p, d, entry, properties)
	command, err := e.driverCommand(ctx, p, w, java, entry, properties)
	command.Sources = sources
	return command, err
}

// settleProperties returns the properties of a driver, with its packages on this node. It refuses files that are not
// there.
func (e *Engine) settleProperties(ctx context.Context, p layout, w *agentv1.AssignedWorker, entry string) (
	map[string]string, error,
) {
	properties := e.driverProperties(p, w, w.GetSparkDriver(), e.socketSeen(p.home, agentSocket))
	if err := e.settlePackages(ctx, p, w, isPython(entry), properties); err != nil {
		return nil, err
	}
	return properties, p.checkFiles(properties)
}

// driverSources brings what a driver's working directory has before it starts. It returns where that is from, by name.
func (e *Engine) driverSources(ctx context.Context, p layout, w *agentv1.AssignedWorker, entry string,
	properties map[string]string,
) (map[string]string, error) {
	program := w.GetSparkDriver().GetEntryPoint()
	placed, left, err := e.placeFiles(ctx, p, properties, entry, program, room(w.GetDiskMib()))
	if err != nil {
		return nil, err
	}
	sources, archives, err := e.unpackArchives(ctx, p, properties[archivesOfRun], entry, placed, left)
	if err != nil {
		return nil, err
	}
	if archives != "" {
		properties[archivesOfRun] = archives
	}
	maps.Copy(sources, placed)
	if inS3(program) || upload.Is(program) {
		sources[filepath.Base(entry)] = program
	}
	return sources, nil
}

// driverCommand returns the command of a driver's JVM in the environment that it needs.
func (e *Engine) driverCommand(ctx context.Context, p layout, w *agentv1.AssignedWorker, java jvm, entry string,
	properties map[string]string,
) (runtime.Command, error) {
	d := w.GetSparkDriver()
	enforced := map[string]string{tokenVariable: token(w)}
	if isPython(entry) {
		if err := e.settlePython(ctx, p, d, properties, enforced); err != nil {
			return runtime.Command{}, err
		}
	}
	own, _ := e.machine.Python(ctx, e.config.Python) // a JAR may do without
	environment, err := e.environment(p, own, d.GetEnvironment(), enforced)
	begin := start{
		Arguments:  java.args,
		Properties: log4jProperty(java.options),
		Token:      token(w),
		Python:     isPython(entry) && enforced[driverPython] == own.Program,
	}
	return runtime.Command{
		Args:     java.command(),
		Env:      environment,
		Handover: handover{needs: needsOf(java, environment).with(onceRead(properties)), start: begin},
	}, err
}

// submitArguments returns SparkSubmit's arguments. What has a property stands in the file, and nothing here is secret,
// except values with blanks at their ends, which Spark cuts in files only.
func submitArguments(p layout, d *agentv1.SparkDriver, entry string, properties map[string]string) []string {
	args := []string{"--properties-file", p.properties()}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if value := properties[name]; cutInFiles(value) && !slices.Contains(uriLists, name) {
			args = append(args, "--conf", name+"="+value)
		}
	}
	if d.GetMainClass() != "" {
		args = append(args, "--class", d.GetMainClass())
	}
	return append(append(args, entry), d.GetArguments()...)
}

// cutInFiles says whether Spark would not keep a value as it stands in a file: at the ends of values it cuts blanks and
// the like, but not ends of lines.
func cutInFiles(value string) bool {
	return value != strings.TrimFunc(value, func(r rune) bool { return r <= ' ' && r != '\r' && r != '\n' })
}

// tokenVariable is the variable that the plug-in reads its token from.
const tokenVariable = "HEADRACE_SOCKET_TOKEN"

// token returns what a driver proves itself with on its socket. It is made from the attempt's secret, so that a
// restarted agent knows it too.
func token(w *agentv1.AssignedWorker) string {
	mac := hmac.New(sha256.New, w.GetSecret())
	mac.Write([]byte("socket of " + w.GetWorkerId()))
	return hex.EncodeToString(mac.Sum(nil))
}

// isPython says whether SparkSubmit runs an entry point with Python.
func isPython(entry string) bool { return strings.HasSuffix(entry, ".py") }

// entry returns the path of the entry point on this node, after it was fetched if it is in object storage, or if the
// servers keep it.
func (e *Engine) entry(ctx context.Context, p layout, w *agentv1.AssignedWorker) (string, error) {
	uri := w.GetSparkDriver().GetEntryPoint()
	if upload.Is(uri) {
		name, err := e.config.OpenUpload.Put(ctx, w, p.home, uri, 0o600)
		return filepath.Join(p.work(), name), err
	}
	if inS3(uri) {
		return e.fetchEntry(ctx, p, uri, w.GetDiskMib())
	}
	return p.entryPoint(uri)
}

// entryPoint returns the path of the entry point on this node. What Spark itself fetches, such as hdfs:// and https://,
// stays as it is.
func (p layout) entryPoint(uri string) (string, error) {
	path, local := p.localPath(uri)
	if !local {
		return uri, nil
	}
	if info, err := p.home.Stat(path); err != nil || info.IsDir() {
		return "", unreadable(err, "cannot find the entry point %s on this node", uri)
	}
	if strings.HasPrefix(uri, "local:") && !inImage(uri) {
		return uri, nil // on every node, so that Spark copies it to none
	}
	return path, nil
}

// checkFiles refuses files of the properties that are to be on this node and are not; patterns are Spark's business.
func (p layout) checkFiles(properties map[string]string) error {
	for _, name := range uriLists {
		for uri := range strings.SplitSeq(properties[name], ",") {
			uri = strings.TrimSpace(uri)
			path, local := p.localPath(uri)
			if uri == "" || !local || strings.ContainsAny(path, "*?[{") {
				continue
			}
			if _, err := p.home.Stat(path); err != nil {
				return unreadable(err, "cannot find %s of %s on this node", uri, name)
			}
		}
	}
	return nil
}
