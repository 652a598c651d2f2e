package codec_test

import (
	"testing"

	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The guide of the original writes the members of a configuration with capitals in some of its samples.
func TestA11_ConfigurationsMayBeCapitalised(t *testing.T) {
	node, err := codec.ReadJSON([]byte(`{"runtimeConfiguration":[{"Classification":"spark-defaults","Properties":` +
		`{"A":"b"},"Configurations":[{"Classification":"hive-site"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	a := &specv1.Application{}
	if problems := codec.API.Decode(node, a); len(problems) > 0 {
		t.Fatal(problems)
	}
	c := a.GetRuntimeConfiguration()[0]
	if c.GetClassification() != "spark-defaults" || c.GetProperties()["A"] != "b" ||
		c.GetConfigurations()[0].GetClassification() != "hive-site" {
		t.Errorf("read %v", c)
	}
}
