package storage_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

// answers returns the configuration of a service that answers as told. Credentials are the real server's.
func answers(t *testing.T, answer http.HandlerFunc) storage.Config {
	service := httptest.NewServer(answer)
	t.Cleanup(service.Close)
	config := server.Config
	config.Endpoint = service.URL
	return config
}

func TestWriteToS3_OfMoreThan64MiBGoesInParts(t *testing.T) {
	var mu sync.Mutex
	parts := 0
	real := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("partNumber") {
			mu.Lock()
			parts++
			mu.Unlock()
		}
		forward(w, r)
	}))
	defer real.Close()
	config := server.Config
	config.Endpoint = real.URL
	content := bytes.Repeat([]byte("0123456789abcdef"), 65<<16)
	uri := "s3://" + bucket + "/" + t.Name()
	if err := storage.New(config).Write(t.Context(), uri, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	in, info, err := storage.New(server.Config).Read(t.Context(), uri, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(content); !bytes.Equal(sum.Sum(nil), want[:]) || info.Size != int64(len(content)) {
		t.Errorf("read other bytes than were written, %d instead of %d", info.Size, len(content))
	}
	if parts != 5 {
		t.Errorf("65 MiB went in %d parts, want 5", parts)
	}
}

// forward hands a request to the real server as it is, with the host that was signed.
func forward(w http.ResponseWriter, r *http.Request) {
	out := r.Clone(r.Context())
	out.RequestURI, out.URL.Scheme, out.URL.Host = "", "http", strings.TrimPrefix(server.Endpoint, "http://")
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

func TestWriteToS3_SendsNoChecksumsThatServicesRefuse(t *testing.T) {
	config := answers(t, func(_ http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Amz-Checksum") || name == "X-Amz-Trailer" ||
				name == "X-Amz-Sdk-Checksum-Algorithm" {
				t.Errorf("the request has %s", name)
			}
		}
	})
	write(t, storage.New(config), "s3://"+bucket+"/key", "content")
}

func TestS3_TriesAgainWhenTheServiceIsBusy(t *testing.T) {
	t.Parallel() // most of it is pauses
	tries := 0   // one after another
	config := answers(t, func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	write(t, storage.New(config), "s3://"+bucket+"/key", "content")
	if tries != 3 {
		t.Errorf("%d tries, want 3", tries)
	}
}

func TestS3_GivesUpAfterFourTries(t *testing.T) {
	t.Parallel() // most of it is pauses
	tries := 0
	config := answers(t, func(w http.ResponseWriter, r *http.Request) {
		tries++
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	err := storage.New(config).Write(t.Context(), "s3://"+bucket+"/key", strings.NewReader("content"))
	if !errs.Is(err, errs.Unavailable) || tries != 4 {
		t.Errorf("%d tries gave %v; want 4 and %s", tries, err, errs.Unavailable)
	}
}

func TestReadFromS3_OfABrokenConnectionNamesTheFile(t *testing.T) {
	config := answers(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("some"))
	})
	uri := "s3://" + bucket + "/key"
	in, _, err := storage.New(config).Read(t.Context(), uri, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got, err := io.ReadAll(in); string(got) != "some" || !errs.Is(err, errs.Unavailable) ||
		!strings.Contains(err.Error(), uri) {
		t.Errorf("read %q, %v; want what came and %s", got, err, errs.Unavailable)
	}
}

func TestReadFromS3_NoticesThatTheOffsetIsIgnored(t *testing.T) {
	config := answers(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("from the beginning")) })
	if in, _, err := storage.New(config).Read(t.Context(), "s3://"+bucket+"/key", 5); !errs.Is(err, errs.Unavailable) {
		t.Errorf("read %v, %v; want %s", in, err, errs.Unavailable)
	}
}

func TestS3_TrustsTheAuthoritiesOfCAFile(t *testing.T) {
	t.Parallel() // most of it is pauses
	service := httptest.NewUnstartedServer(http.NotFoundHandler())
	service.Config.ErrorLog = log.New(io.Discard, "", 0) // that its client does not trust it is the test
	service.StartTLS()
	defer service.Close()
	config := server.Config
	config.Endpoint = service.URL
	_, err := storage.New(config).Stat(t.Context(), "s3://"+bucket+"/key")
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("without ca_file: %v", err)
	}
	config.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: service.Certificate().Raw})
	if err := os.WriteFile(config.CAFile, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.New(config).Stat(t.Context(), "s3://"+bucket+"/key"); !errs.Is(err, errs.NotFound) {
		t.Errorf("with ca_file: %v, want %s", err, errs.NotFound)
	}
}

func TestS3_SaysWhatToDo(t *testing.T) {
	for status, want := range map[int]errs.Kind{
		400: errs.Invalid,
		401: errs.Unauthorized,
		403: errs.Forbidden,
		404: errs.NotFound,
	} {
		config := answers(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
		_, err := storage.New(config).Stat(t.Context(), "s3://"+bucket+"/key")
		if !errs.Is(err, want) || !strings.HasPrefix(err.Error(), "cannot find s3://"+bucket+"/key: ") {
			t.Errorf("status %s: %v, want %s", strconv.Itoa(status), err, want)
		}
	}
	client := storage.New(server.Config)
	for _, err := range client.List(t.Context(), "s3://not-made/logs") {
		if !errs.Is(err, errs.NotFound) || !strings.Contains(err.Error(), "no bucket not-made") {
			t.Errorf("a missing bucket: %v", err)
		}
	}
	if err := client.Write(t.Context(), "s3://not-made/key", strings.NewReader("")); !errs.Is(err, errs.NotFound) {
		t.Errorf("write to a missing bucket: %v", err)
	}
}

func TestS3_OutOfReachIsUnavailable(t *testing.T) {
	t.Parallel() // most of it is pauses
	service := httptest.NewServer(nil)
	service.Close()
	config := server.Config
	config.Endpoint = service.URL
	_, err := storage.New(config).Stat(t.Context(), "s3://"+bucket+"/key")
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "connection refused") ||
		!strings.Contains(err.Error(), service.URL) {
		t.Errorf("%v, want %s and why", err, errs.Unavailable)
	}
}
