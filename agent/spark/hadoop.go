package spark

import (
	"context"
	"encoding/xml"
	"maps"
	"slices"

	"github.com/headrace/headrace/agent/guest"
)

// hadoopFile is Hadoop's own name for its settings, found on the class path.
const hadoopFile = "core-site.xml"

// hadoopVariable is how a run brings Hadoop's settings itself; ours would hide them.
const hadoopVariable = "HADOOP_CONF_DIR"

// writeHadoop writes Hadoop's settings into a file that only the worker's user reads: neither properties, which Spark
// shows, nor arguments, nor the environment have the secret of the object store. What a run sets itself, as
// spark.hadoop..., goes over it.
func (e *Engine) writeHadoop(ctx context.Context, p layout, user map[string]string) error {
	if user[hadoopVariable] != "" {
		return nil
	}
	settings, err := e.s3Settings(ctx)
	if err != nil {
		return err
	}
	maps.Copy(settings, groupSettings(p.home.User))
	content, err := hadoopXML(settings)
	if err == nil {
		err = p.write("conf/"+hadoopFile, content, 0o600)
	}
	if err != nil {
		return refused("cannot write the settings of Hadoop: %v", err)
	}
	return nil
}

// groupSettings let the workers of a run, each of which is a user of its own, write into each other's folders of a
// shared directory: Hadoop does not ask for the process's umask, which lets the workers' group do so.
func groupSettings(user *guest.User) map[string]string {
	if user == nil || user.GID == user.UID {
		return nil
	}
	return map[string]string{"fs.permissions.umask-mode": "002"}
}

// hadoopSettings is Hadoop's form of settings.
type hadoopSettings struct {
	XMLName    xml.Name         `xml:"configuration"`
	Properties []hadoopProperty `xml:"property"`
}

type hadoopProperty struct {
	Name  string `xml:"name"`
	Value string `xml:"value"`
}

// hadoopXML returns settings in that form, ordered by name.
func hadoopXML(settings map[string]string) ([]byte, error) {
	var all hadoopSettings
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		all.Properties = append(all.Properties, hadoopProperty{name, settings[name]})
	}
	return xml.MarshalIndent(all, "", "  ")
}
