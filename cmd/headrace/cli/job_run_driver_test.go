package cli

import (
	"slices"
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/words"
)

func TestA5_ConfReachesTheServerAsItIs(t *testing.T) {
	pairs := []string{"spark.x= a ", "spark.x=\t", "spark.x=a\r", "spark.x=\v", "spark.x='\"\\", "spark.x=\u00a0"}
	for _, pair := range pairs {
		f := sparkFlags{entryPoint: "x.py", conf: []string{pair}}
		r := &specv1.JobRun{}
		f.over(r)
		got, err := words.Split("", r.GetDriver().GetSparkSubmit().GetSparkSubmitParameters())
		if err != nil || !slices.Equal(got, []string{"--conf", pair}) {
			t.Errorf("%q arrives as %q (%v)", pair, got, err)
		}
	}
}
