package logpath

import "testing"

func TestParse_ReadsWhatIsMade(t *testing.T) {
	for _, apart := range []bool{false, true} {
		attempt, number := Attempt{Application: "a", Run: "r", Number: 3, Apart: apart}, uint32(0)
		if apart {
			number = 3
		}
		for _, w := range []Worker{
			{Type: "DRIVER", Epoch: 2},
			{Type: "EXECUTOR", Number: 12, Epoch: 1},
			{Type: "EXECUTOR", Number: 12, Epoch: 7},
			{Type: "TASK", Process: true, Number: 1, Epoch: 1},
			{Type: "HIVE_DRIVER", Epoch: 1},
		} {
			w.Attempt = attempt
			want := File{Application: "a", Run: "r", Attempt: number, Kind: w.Kind(), Number: w.Number, Epoch: w.Epoch}
			if w.Number == 0 {
				want.Epoch = 0
			}
			for _, path := range []string{
				Latest(w.Folder(), "stdout"),
				Latest(w.Folder(), "stderr"),
				Archived(w.Folder(), "stdout", 0),
				Archived(w.Folder(), "stderr", 140),
			} {
				if got, is := Parse(path); !is || got != want {
					t.Errorf("%s is %+v, %t", path, got, is)
				}
			}
		}
		events := attempt.EventLogs() + "/eventlog_v2_x/events_1_x"
		if got, is := Parse(events); !is || got != (File{Application: "a", Run: "r", Attempt: number, Events: true}) {
			t.Errorf("%s is %+v, %t", events, got, is)
		}
	}
}

// A path that is read as somebody's has to be the one that this somebody makes.
func TestParse_TakesNoOtherSpelling(t *testing.T) {
	for _, path := range []string{
		"",
		"applications/a/jobs/r",
		"applications/a/jobs/r/stdout.gz",
		"applications/a/jobs/r/SPARK_DRIVER",
		"applications/a/runs/r/SPARK_DRIVER/stdout.gz",
		"applications/a/jobs/r/SPARK_DRIVER/notes.gz",
		"applications/a/jobs/r/SPARK_DRIVER/stdout",
		"applications/a/jobs/r/SPARK_DRIVER/x/stdout.gz",
		"applications/a/jobs/r/SPARK_EXECUTOR/01/stdout.gz",
		"applications/a/jobs/r/SPARK_EXECUTOR/0/stdout.gz",
		"applications/a/jobs/r/SPARK_EXECUTOR/1-1/stdout.gz",
		"applications/a/jobs/r/SPARK_EXECUTOR/1-02/stdout.gz",
		"applications/a/jobs/r/SPARK_EXECUTOR/-1/stdout.gz",
		"applications/a/jobs/r/SPARK_EXECUTOR/1/2/stdout.gz",
		"applications/a/jobs/r/SPARK_DRIVER/archived/stdout_01.gz",
		"applications/a/jobs/r/SPARK_DRIVER/archived/stdout_-1.gz",
		"applications/a/jobs/r/SPARK_DRIVER/archived/other_1.gz",
		"applications/a/jobs/r/attempts/1/stdout.gz",
		"applications/a/jobs/r/attempts/0/SPARK_DRIVER/stdout.gz",
		"applications/a/jobs/r/attempts/+1/SPARK_DRIVER/stdout.gz",
		"applications/a/jobs/r/sparklogs/",
		"other/a/jobs/r/SPARK_DRIVER/stdout.gz",
	} {
		if got, is := Parse(path); is {
			t.Errorf("%s is read as %+v", path, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("applications/a/jobs/r/attempts/2/SPARK_EXECUTOR/12-7/archived/stdout_3.gz")
	f.Add("applications/a/jobs/r/sparklogs/x")
	f.Fuzz(func(_ *testing.T, path string) { Parse(path) })
}
