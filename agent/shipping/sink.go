package shipping

import (
	"context"
	"io"
	"os"

	"github.com/headrace/headrace/internal/storage"
)

// sink is one destination of one shipment, as something to write to.
type sink interface {
	// put brings a file there as far as it is now. It may be called again with the same file.
	put(ctx context.Context, p part) error
	// putWhole brings the first size bytes of a file there, under its one name.
	putWhole(ctx context.Context, file io.ReaderAt, name string, size int64) error
	// forget says that a file will not be brought again: nothing of it need be remembered.
	forget(name string)
}

// objects is a destination in object storage, or in a directory that machines share. Files are replaced whole.
type objects struct {
	client *storage.Client
	base   string           // URI
	sizes  map[string]int64 // what is there, by name, as far as this agent knows
	last   string           // the staging file that the newest part's name holds
}

func (o *objects) put(ctx context.Context, p part) error {
	if p.full { // before its successor takes the name of the newest part
		return o.putPart(ctx, p, p.archived)
	}
	if o.last != p.file {
		delete(o.sizes, p.latest)
	}
	if err := o.putPart(ctx, p, p.latest); err != nil {
		return err
	}
	o.last = p.file
	return nil
}

func (o *objects) putPart(ctx context.Context, p part, name string) error {
	return p.open(func(file *os.File) error { return o.putWhole(ctx, file, name, p.size) })
}

func (o *objects) putWhole(ctx context.Context, file io.ReaderAt, name string, size int64) error {
	if had, known := o.sizes[name]; known && had == size {
		return nil
	}
	// The file may grow meanwhile.
	if err := o.client.Write(ctx, storage.Join(o.base, name), io.NewSectionReader(file, 0, size)); err != nil {
		return err
	}
	o.sizes[name] = size
	return nil
}

func (o *objects) forget(name string) { delete(o.sizes, name) }
