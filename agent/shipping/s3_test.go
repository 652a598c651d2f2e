package shipping

import (
	"bytes"
	"io"
	"testing"

	"github.com/headrace/headrace/internal/logpath"
	"github.com/headrace/headrace/internal/s3test"
	"github.com/headrace/headrace/internal/storage"
)

func TestShipper_TakesLogsToObjectStorage(t *testing.T) {
	server := s3test.Start(t, "logs")
	client := storage.New(server.Config)
	w := newWorld(t, t.TempDir())
	w.shipper.config.Storage = client
	w.shipment.Worker, w.shipment.Destinations = "w2", []Destination{
		{URI: "s3://logs/team/", WorkerLogs: true, EventLogs: true},
	}
	if err := w.shipper.Add(w.shipment); err != nil {
		t.Fatal(err)
	}
	w.say(bytes.Repeat([]byte("0123456789"), 250))
	w.tick()
	w.say([]byte("the end"))
	w.shipper.End("w2")
	w.tick()
	got := w.unpacked(func(file string) []byte {
		content, _, err := client.Read(t.Context(), storage.Join("s3://logs/team/", file), 0)
		if err != nil {
			return nil
		}
		defer func() { _ = content.Close() }()
		all, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		return all
	})
	if !bytes.Equal(got, w.written.Bytes()) || w.shipper.Holds("w2") {
		t.Errorf("of %d bytes the bucket has %d; still held: %v", w.written.Len(), len(got), w.shipper.Holds("w2"))
	}
	if _, err := client.Stat(t.Context(), "s3://logs/team/"+logpath.Latest(w.shipment.Folder, "stdout")); err != nil {
		t.Error(err)
	}
}
