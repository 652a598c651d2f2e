package http

import "testing"

// What people read names the fields of this API; what a user wrote stays.
func TestA12_MessagesNameTheFieldsOfTheAPI(t *testing.T) {
	start := &operation{name: "StartJobRun"}
	for native, want := range map[string]string{
		"bound it with max_failed_attempts_per_hour": "bound it with maxFailedAttemptsPerHour",
		"exactly one of spark_submit and hive":       "exactly one of sparkSubmit and hive",
		`the value "max_attempts" is too long`:       `the value "max_attempts" is too long`,
		"it is not before created_before, which is":  "it is not before createdAtBefore, which is",
		"with --hiveconf a=URI in spec.driver.hive.parameters": "with --hiveconf a=URI in " +
			"jobDriver.hive.parameters",
	} {
		if got := inOurWords(start, native); got != want {
			t.Errorf("%s\nbecomes %s\nnot     %s", native, got, want)
		}
	}
}
