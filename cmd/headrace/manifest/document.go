package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/spec/codec"
)

// The kinds of documents.
const (
	KindApplication = "Application"
	KindJobRun      = "JobRun"
)

// The bounds of one source.
const (
	// MaxBytes is the size of the largest file that is read.
	MaxBytes     = 4 << 20
	maxDocuments = 1000
)

// Document is an application or a job run in a file.
type Document interface {
	// Where returns where the document begins, as file:line.
	Where() string
	// node returns the document as it is written.
	node() *codec.Node
}

// position is where a document begins.
type position struct {
	source string
	line   int
}

// Where returns where the document begins, as file:line.
func (p position) Where() string { return fmt.Sprintf("%s:%d", p.source, p.line) }

// object returns a document of members, leaving out those without a value.
func object(kind string, spec proto.Message, texts ...[2]string) *codec.Node {
	n := &codec.Node{Kind: codec.Object}
	for _, t := range append([][2]string{{"kind", kind}}, texts...) {
		if t[1] != "" {
			text := &codec.Node{Kind: codec.Text, Text: t[1]}
			n.Members = append(n.Members, codec.Member{Name: t[0], Value: text})
		}
	}
	n.Members = append(n.Members, codec.Member{Name: "spec", Value: codec.File.Encode(spec)})
	return n
}

// digest returns a short name for what a spec says: the same content has the same.
func digest(spec proto.Message, more ...string) string {
	words := append(more, string(codec.File.Encode(spec).AppendJSON(nil)))
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:8])
}
