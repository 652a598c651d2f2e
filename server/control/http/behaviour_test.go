package http_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// One server without nodes serves all tests of what clients rely on.
func TestBehaviour_ThatClientsRelyOn(t *testing.T) {
	t.Parallel()
	s := serve(t, 1)
	for name, test := range map[string]func(*served){
		"a new application rests in CREATED":         (*served).restsInCreated,
		"a start leaves STOPPED before it answers":   (*served).startLeavesStopped,
		"a stop of what rests succeeds":              (*served).stopsWhatRests,
		"a run starts an application that rests":     (*served).runStartsApplication,
		"a stop with unfinished runs is refused":     (*served).stopWithRuns,
		"only what rests is changed or deleted":      (*served).changesWhatRests,
		"a deleted application answers TERMINATED":   (*served).tombstone,
		"a token makes one thing":                    (*served).tokens,
		"pages stay right while items come":          (*served).pages,
		"runs are filtered":                          (*served).filters,
		"what must be there is there":                (*served).requiredMembers,
		"unknown members and nulls are ignored":      (*served).lenient,
		"paths come in many forms":                   (*served).paths,
		"operations without an answer answer {}":     (*served).emptyAnswers,
		"a process run is shown as one":              (*served).processRuns,
		"what nothing acts on is refused":            (*served).unsupported,
		"tags of a run and of an application differ": (*served).tagsDiffer,
	} {
		t.Run(name, func(t *testing.T) { test(s.on(t)) })
	}
}

// Airflow's operator and Terraform wait for exactly CREATED; STARTED never satisfies them.
func (s *served) restsInCreated() {
	id := s.application(`,"autoStartConfiguration":{"enabled":true}`)
	if got := s.state(id); got != "CREATED" {
		s.t.Errorf("a new application is %s", got)
	}
}

// Airflow's waiter fails on STOPPED.
func (s *served) startLeavesStopped() {
	id := s.application("")
	for _, from := range []string{"CREATED", "STARTED", "STOPPED"} {
		s.ok("POST", "/applications/"+id+"/start", "")
		if got := s.state(id); got != "STARTED" {
			s.t.Errorf("started from %s it is %s", from, got)
		}
		if from == "STARTED" {
			s.ok("POST", "/applications/"+id+"/stop", "")
		}
	}
	prepares := s.application(
		`,"initialCapacity":{"DRIVER":{"workerCount":1,"workerConfiguration":{"cpu":"1","memory":"2"}}}`,
	)
	s.ok("POST", "/applications/"+prepares+"/start", "")
	s.ok("POST", "/applications/"+prepares+"/start", "")
	if got := s.state(prepares); got != "STARTING" {
		s.t.Errorf("with workers to prepare it is %s", got)
	}
}

// Airflow's delete stops first, whatever the state is.
func (s *served) stopsWhatRests() {
	id := s.application("")
	for range 2 {
		s.ok("POST", "/applications/"+id+"/stop", "")
		if got := s.state(id); got != "STOPPED" {
			s.t.Errorf("stopped it is %s", got)
		}
	}
	s.ok("DELETE", "/applications/"+id, "")
}

func (s *served) runStartsApplication() {
	id := s.application("")
	for _, from := range []string{"CREATED", "STOPPED"} {
		s.run(id, "")
		if got := s.state(id); got != "STARTED" {
			s.t.Errorf("a run made it %s from %s", got, from)
		}
		s.cancelAll(id)
	}
	off := s.application(`,"autoStartConfiguration":{"enabled":false}`)
	s.refused(
		"POST",
		"/applications/"+off+"/jobruns",
		`{`+token()+`,`+aRole+`,"jobDriver":{"sparkSubmit":{"entryPoint":"x"}}}`,
		400,
		"ValidationException",
		"CREATED",
		"start it first",
	)
}

func (s *served) stopWithRuns() {
	id := s.application("")
	run := s.run(id, "")
	s.refused("POST", "/applications/"+id+"/stop", "", 400, "ValidationException", "1 unfinished")
	s.ok("DELETE", "/applications/"+id+"/jobruns/"+run, "")
	s.ok("DELETE", "/applications/"+id+"/jobruns/"+run, "")
	s.ok("POST", "/applications/"+id+"/stop", "")
}

func (s *served) changesWhatRests() {
	id := s.application("")
	s.ok("POST", "/applications/"+id+"/start", "")
	s.refused(
		"PATCH",
		"/applications/"+id,
		`{`+token()+`,"architecture":"ARM64"}`,
		400,
		"ValidationException",
		"STARTED",
		"CREATED or STOPPED",
	)
	s.refused("DELETE", "/applications/"+id, "", 400, "ValidationException", "STARTED", "stop it first")
}

// Airflow's waiter takes a 404 for a failure, and Terraform either.
func (s *served) tombstone() {
	id := s.application(`,"name":"grave"`)
	for range 2 {
		s.ok("DELETE", "/applications/"+id, "")
	}
	if got := s.state(id); got != "TERMINATED" {
		s.t.Errorf("deleted it is %s", got)
	}
	if a := s.ok("GET", "/applications", ""); strings.Contains(a.body, id) {
		s.t.Error("a deleted application is listed")
	}
	if a := s.ok("GET", "/applications?states=TERMINATED", ""); !strings.Contains(a.body, id) {
		s.t.Error("who asks for deleted applications does not find it")
	}
	s.refused("POST", "/applications/"+id+"/start", "", 400, "ValidationException", "deleted")
}

// A client that had no answer asks again with the same token; another request with it is a conflict.
func (s *served) tokens() {
	body := func(token, name string) string {
		return fmt.Sprintf(
			`{"releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":%q,"name":%q,"tags":{"b":"2","a":"1"}}`,
			token,
			name,
		)
	}
	first := s.ok("POST", "/applications", body("t-1", "one")).text("applicationId")
	shuffled := `{"tags":{"a":"1","b":"2"},"name":"one","clientToken":"t-1","type":"SPARK","releaseLabel":"emr-7.2.0"}`
	again := s.ok("POST", "/applications", shuffled).text("applicationId")
	if first != again {
		s.t.Errorf("one token made %s and %s", first, again)
	}
	s.refused("POST", "/applications", body("t-1", "two"), 409, "ConflictException", "t-1", first)

	run := `{"clientToken":"t-1",` + aRole + `,"jobDriver":{"sparkSubmit":{"entryPoint":"x"}}%s}`
	var group sync.WaitGroup
	made := make([]string, 8)
	for i := range made {
		group.Go(func() {
			made[i] = s.ask("POST", "/applications/"+first+"/jobruns", fmt.Sprintf(run, "")).text("jobRunId")
		})
	}
	group.Wait()
	if slices.Sort(made); made[0] == "" || made[0] != made[len(made)-1] {
		s.t.Errorf("one token made the runs %v", made)
	}
	s.refused(
		"POST",
		"/applications/"+first+"/jobruns",
		fmt.Sprintf(run, `,"name":"other"`),
		409,
		"ConflictException",
		"t-1",
	)
	other := s.application("")
	got := s.ok("POST", "/applications/"+other+"/jobruns", fmt.Sprintf(run, `,"name":"other"`))
	if got.text("jobRunId") == made[0] {
		s.t.Error("a token of one application counts in another")
	}
	s.cancelAll(first)
	update := `{"clientToken":"t-1","architecture":"ARM64"}`
	s.ok("PATCH", "/applications/"+first, update)
	s.ok("POST", "/applications/"+first+"/start", "")
	s.ok("PATCH", "/applications/"+first, update)
	s.refused(
		"PATCH",
		"/applications/"+first,
		`{"clientToken":"t-1","architecture":"X86_64"}`,
		409,
		"ConflictException",
		"t-1",
	)
}

func (s *served) pages() {
	id := s.application("")
	var want, got []string
	for range 5 {
		want = append(want, s.run(id, ""))
	}
	slices.Reverse(want) // newest first
	path, next := "/applications/"+id+"/jobruns?maxResults=2", ""
	for page := 0; page == 0 || next != ""; page++ {
		a := s.ok("GET", path+next, "")
		for _, run := range a.get("jobRuns").([]any) {
			got = append(got, run.(map[string]any)["id"].(string))
		}
		if next = a.text("nextToken"); next != "" {
			next = "&nextToken=" + next
		}
		s.run(id, "") // which comes before what was listed
		s.ok("DELETE", "/applications/"+id+"/jobruns/"+want[0], "")
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("pages have %v, want %v", got, want)
	}
}

func (s *served) filters() {
	id := s.application("")
	batch, stream := s.run(id, ""), s.run(id, `,"mode":"STREAMING"`)
	s.ok("DELETE", "/applications/"+id+"/jobruns/"+batch, "")
	for query, want := range map[string][]string{
		"":                                 {stream, batch},
		"?mode=STREAMING":                  {stream},
		"?states=CANCELLED":                {batch},
		"?states=RUNNING&states=SUBMITTED": {},
		"?createdAtBefore=1767225600":      {},
		"?states=CANCELLED&states=PENDING&mode=BATCH": {batch},
		"?createdAtAfter=2999-01-01T00%3A00%3A00Z":    {},
		"?createdAtAfter=2026-01-01T00%3A00%3A00.123456Z" +
			"&createdAtBefore=2999-01-01T00%3A00%3A00Z": {stream, batch},
	} {
		got := []string{}
		for _, run := range s.ok("GET", "/applications/"+id+"/jobruns"+query, "").get("jobRuns").([]any) {
			got = append(got, run.(map[string]any)["id"].(string))
		}
		if !slices.Equal(got, want) {
			s.t.Errorf("%s selects %v, want %v", query, got, want)
		}
	}
}

// Airflow's sensors index what they need; a member that is missing ends them.
func (s *served) requiredMembers() {
	id := s.application("")
	run := s.run(id, "")
	for path, members := range map[string][]string{
		"/applications/" + id: {
			"application", "applicationId", "arn", "releaseLabel", "type", "state", "stateDetails", "createdAt",
			"updatedAt", "tags", "architecture", "autoStartConfiguration", "autoStopConfiguration",
		},
		"/applications": {
			"applications",
			"id", "arn", "releaseLabel", "type", "state", "stateDetails", "createdAt", "updatedAt",
		},
		"/applications/" + id + "/jobruns/" + run: {
			"jobRun", "applicationId", "jobRunId", "arn", "createdBy", "createdAt", "updatedAt", "executionRole",
			"state", "stateDetails", "releaseLabel", "jobDriver", "tags", "attempt", "mode",
			"executionTimeoutMinutes",
		},
		"/applications/" + id + "/jobruns": {
			"jobRuns", "applicationId", "id", "arn", "createdBy", "createdAt", "updatedAt", "executionRole", "state",
			"stateDetails", "releaseLabel",
		},
		"/applications/" + id + "/jobruns/" + run + "/attempts": {
			"jobRunAttempts", "applicationId", "id", "arn", "createdBy", "jobCreatedAt", "createdAt", "updatedAt",
			"executionRole", "state", "stateDetails", "releaseLabel",
		},
		"/applications/" + id + "/jobruns?states=FAILED":                {"jobRuns"},
		"/applications/" + id + "/sessions":                             {"sessions"},
		"/tags/" + arn(id):                                              {"tags"},
		"/applications/" + id + "/jobruns/" + run + "/dashboard":        {"url"},
		"/applications?states=STARTING&states=STOPPING&states=CREATING": {"applications"},
	} {
		body := s.ok("GET", path, "").body
		for _, member := range members {
			if !strings.Contains(body, `"`+member+`":`) {
				s.t.Errorf("%s lacks %s: %s", path, member, body)
			}
		}
		if strings.Contains(body, "null") {
			s.t.Errorf("%s has a null: %s", path, body)
		}
	}
	a := s.ok("GET", "/applications/"+id, "")
	on := a.get("application", "autoStartConfiguration", "enabled")
	minutes := a.get("application", "autoStopConfiguration", "idleTimeoutMinutes")
	if on != true || minutes != 15.0 {
		s.t.Errorf("the defaults are %v and %v", on, minutes)
	}
	if at, isNumber := a.get("application", "createdAt").(float64); !isNumber || at < 1.7e9 || at > 1e10 {
		s.t.Errorf("it was created at %v, which are no seconds", a.get("application", "createdAt"))
	}
}

func (s *served) lenient() {
	id := s.application(
		`,"name":null,"tags":null,"newer":{"than":["we"]},"enabled":"who"` +
			`,"networkConfiguration":{"new":1},"maximumCapacity":null`,
	)
	if a := s.ok("GET", "/applications/"+id, ""); strings.Contains(a.body, "newer") ||
		a.get("application", "name") != nil {
		s.t.Errorf("it is %s", a.body)
	}
	s.run(id, `,"configurationOverrides":{},"retryPolicy":{},"name":"caf\u00e9"`)
	s.ok("PATCH", "/applications/"+s.application(""), `{`+token()+`}`)
}

func (s *served) paths() {
	id := s.application("")
	for _, path := range []string{
		"//applications/" + id, "/pre/fix/applications/" + id, "/pre/fix//applications/" + id,
		"/applications//" + id,
	} {
		if got := s.ok("GET", path, "").text("application", "applicationId"); got != id {
			s.t.Errorf("%s answers %q", path, got)
		}
	}
	raw := "arn:aws:emr-serverless:us-east-1:123456789012:/applications/" + id
	s.ok("POST", "/tags/"+raw, `{"tags":{"k":"v"}}`)
	for _, path := range []string{raw, arn(id), strings.ReplaceAll(strings.ReplaceAll(raw, ":", "%3A"), "/", "%2f")} {
		if got := s.ok("GET", "/base/tags/"+path, "").text("tags", "k"); got != "v" {
			s.t.Errorf("%s has the tag %q", path, got)
		}
	}
}

func (s *served) emptyAnswers() {
	id := s.application("")
	for _, r := range [][3]string{
		{"POST", "/applications/" + id + "/start", ""},
		{"POST", "/applications/" + id + "/stop", "{}"},
		{"POST", "/tags/" + arn(id), `{"tags":{}}`},
		{"DELETE", "/tags/" + arn(id) + "?tagKeys=none&tagKeys=a%20b", ""},
		{"DELETE", "/applications/" + id, ""},
	} {
		if a := s.ok(r[0], r[1], r[2]); strings.TrimSpace(a.body) != "{}" {
			s.t.Errorf("%s %s answers %s", r[0], r[1], a.body)
		}
	}
}

// unsupported says to the cluster, one by one, what nothing acts on.
func (s *served) unsupported() {
	const head = `{"releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":"refused",`
	const key = `"arn:aws:kms:us-east-1:000000000000:key/k"`
	for _, c := range []struct{ member, field string }{
		{`"imageConfiguration":{"imageUri":"busybox"}`, "imageConfiguration.imageUri"},
		{`"networkConfiguration":{"securityGroupIds":["sg-1"]}`, "networkConfiguration.securityGroupIds"},
		{
			`"diskEncryptionConfiguration":{"encryptionKeyArn":` + key + `}`,
			"diskEncryptionConfiguration.encryptionKeyArn",
		},
		{
			`"jobLevelCostAllocationConfiguration":{"enabled":true}`,
			"jobLevelCostAllocationConfiguration.enabled",
		},
		{
			`"monitoringConfiguration":{"cloudWatchLoggingConfiguration":{"enabled":true}}`,
			"monitoringConfiguration.cloudWatchLoggingConfiguration.enabled",
		},
	} {
		s.refused("POST", "/applications", head+c.member+"}", 400, "ValidationException", c.field+":", "not act on")
	}
}

func (s *served) tagsDiffer() {
	id := s.application(`,"tags":{"of":"application"}`)
	run := s.run(id, `,"tags":{"of":"run"}`)
	for path, want := range map[string]string{arn(id): "application", arn(id) + "%2Fjobruns%2F" + run: "run"} {
		if got := s.ok("GET", "/tags/"+path, "").text("tags", "of"); got != want {
			s.t.Errorf("the tag is %q, want %q", got, want)
		}
	}
}
