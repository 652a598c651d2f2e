package ui

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// fetch gets a log as it travels.
func fetch(t *testing.T, client *http.Client, url, encoding string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", encoding)
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body := io.Reader(answer.Body)
	packed := answer.Header.Get("Content-Encoding") == "gzip" || answer.Header.Get("Content-Type") == "application/gzip"
	if packed && answer.StatusCode == http.StatusOK {
		if body, err = gzip.NewReader(answer.Body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// The page of a link, with the path that clients of the original put in its place.
func TestLogs_AreWhereClientsLook(t *testing.T) {
	_, client, base := showing(t, running(), nil)
	host, token, _ := strings.Cut(base, "/ui/")
	for path, want := range map[string]string{
		"/logs/SPARK_DRIVER/stdout.gz":         "stdout of worker 0 in attempt 3\n",
		"/logs/SPARK_EXECUTOR/12/stderr.gz":    "stderr of worker 12 in attempt 3\n",
		"/logs/attempts/2/SPARK_DRIVER/stderr": "stderr of worker 0 in attempt 2\n",
	} {
		for _, encoding := range []string{"gzip, br", "identity"} {
			answer, text := fetch(t, client, host+path+"?token="+token, encoding)
			kind := "text/plain; charset=utf-8"
			if encoding == "identity" && strings.HasSuffix(path, ".gz") {
				kind = "application/gzip"
			}
			if text != want || answer.Header.Get("Content-Type") != kind ||
				!strings.HasPrefix(answer.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s for %s: %s %q", path, encoding, answer.Header.Get("Content-Type"), text)
			}
		}
	}
}

func TestLogs_AreLinkedFromAnyPage(t *testing.T) {
	_, client, base := showing(t, running(), nil)
	for _, page := range []string{"/executors/", "/stages/stage/", "/history/run/3/executors/"} {
		answer, text := fetch(t, client, base+page+"../logs/SPARK_EXECUTOR/1/stdout", "gzip")
		if text != "stdout of worker 1 in attempt 3\n" {
			t.Errorf("from %s: %d %q", page, answer.StatusCode, text)
		}
	}
}

func TestLogs_RefuseWhatIsNone(t *testing.T) {
	_, client, base := showing(t, running(), nil)
	host, token, _ := strings.Cut(base, "/ui/")
	for path, status := range map[string]int{
		"/logs/SPARK_DRIVER/stdout.gz":                          http.StatusForbidden,
		"/logs/SPARK_DRIVER/passwd?token=" + token:              http.StatusNotFound,
		"/logs/SPARK_EXECUTOR/stdout?token=" + token:            http.StatusNotFound,
		"/logs/SPARK_EXECUTOR/9999999999/stdout?token=" + token: http.StatusNotFound,
		"/logs/SPARK_EXECUTOR/9/stdout?token=" + token:          http.StatusNotFound,
	} {
		if answer, text := fetch(t, client, host+path, "gzip"); answer.StatusCode != status {
			t.Errorf("%s: %d %q", path, answer.StatusCode, text)
		}
	}
}
