package control

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/routing"
)

func (s *service) createKey(user string) *controlv1.CreateAccessKeyResponse {
	s.t.Helper()
	made, err := s.CreateAccessKey(s.t.Context(), &controlv1.CreateAccessKeyRequest{User: user})
	must(s.t, err)
	return made
}

func (s *service) keys(r *controlv1.ListAccessKeysRequest) []string {
	s.t.Helper()
	var ids []string
	for {
		list, err := s.ListAccessKeys(s.t.Context(), r)
		must(s.t, err)
		for _, k := range list.GetAccessKeys() {
			ids = append(ids, k.GetAccessKeyId())
		}
		if r.NextToken = list.GetNextToken(); r.GetNextToken() == "" {
			return ids
		}
	}
}

func TestAccessKeys_AreListedUntilTheyAreRevoked(t *testing.T) {
	s := serve(t)
	bob, nobody, again := s.createKey("bob"), s.createKey(""), s.createKey("bob")
	id := bob.GetAccessKey().GetAccessKeyId()
	if got := nobody.GetAccessKey().GetUser(); got != "default" {
		t.Errorf("without a user it is %q's", got)
	}
	if got := s.keys(&controlv1.ListAccessKeysRequest{MaxResults: 1}); len(got) != 3 {
		t.Errorf("there are %v", got)
	}
	if got := s.keys(&controlv1.ListAccessKeysRequest{User: "bob"}); len(got) != 2 {
		t.Errorf("bob has %v", got)
	}
	_, err := s.RevokeAccessKey(t.Context(), &controlv1.RevokeAccessKeyRequest{AccessKeyId: id})
	must(t, err)
	if got := s.keys(&controlv1.ListAccessKeysRequest{User: "bob"}); len(got) != 1 ||
		got[0] != again.GetAccessKey().GetAccessKeyId() {
		t.Errorf("bob is left with %v", got)
	}
	_, err = s.RevokeAccessKey(t.Context(), &controlv1.RevokeAccessKeyRequest{AccessKeyId: id})
	wantError(t, err, errs.NotFound, "", id)
}

// A repeated request is one that got no answer: the secret of its first try is not shown, and its key is gone.
func TestCreateAccessKey_RepeatedMakesAnother(t *testing.T) {
	s := serve(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), routing.RequestIDKey, "once")
	first, err := s.CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "bob"})
	must(t, err)
	second, err := s.CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "bob"})
	must(t, err)
	if got := s.keys(&controlv1.ListAccessKeysRequest{}); len(got) != 1 ||
		got[0] != second.GetAccessKey().GetAccessKeyId() ||
		first.GetSecretAccessKey() == second.GetSecretAccessKey() {
		t.Errorf("there are %v", got)
	}
	_, err = s.CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "ann"})
	wantError(t, err, errs.Conflict, "", "once")
}

// The secret is in the answer that makes it, and nowhere else: not in the state, not in what is listed or watched.
func TestCreateAccessKey_ShowsTheSecretOnce(t *testing.T) {
	s := serve(t)
	made := s.createKey("bob")
	row := s.door.View().AccessKey(made.GetAccessKey().GetAccessKeyId())
	opened, err := s.api.cfg.Seal.Open(row.ID, row.Sealed)
	must(t, err)
	if string(opened) != made.GetSecretAccessKey() || len(opened) != 40 {
		t.Errorf("sealed is %q", opened)
	}
	var dumped strings.Builder
	must(t, s.door.View().Dump(&dumped))
	list, err := s.ListAccessKeys(t.Context(), &controlv1.ListAccessKeysRequest{})
	must(t, err)
	seen := dumped.String() + prototext.Format(list)
	events, err := s.WatchEvents(t.Context(), &controlv1.WatchEventsRequest{From: &controlv1.Position{Record: 1}})
	must(t, err)
	for kind := ""; kind != "AccessKeyCreated"; {
		m, err := events.Recv()
		must(t, err)
		kind, seen = m.GetKind(), seen+prototext.Format(m)+fmt.Sprint(m)
	}
	if strings.Contains(seen, made.GetSecretAccessKey()) {
		t.Errorf("the secret is seen in\n%s", seen)
	}
}

func TestAccessKeys_NameWhatIsWrong(t *testing.T) {
	s := serve(t)
	create := func(user string) error {
		_, err := s.CreateAccessKey(t.Context(), &controlv1.CreateAccessKeyRequest{User: user})
		return err
	}
	wantError(t, create("a/b"), errs.Invalid, "user", "a/b")
	wantError(t, create(strings.Repeat("x", 65)), errs.Invalid, "user", "65", "64")
	_, err := s.ListAccessKeys(t.Context(), &controlv1.ListAccessKeysRequest{MaxResults: 1001})
	wantError(t, err, errs.Invalid, "max_results", "1001")
	_, err = s.ListAccessKeys(t.Context(), &controlv1.ListAccessKeysRequest{NextToken: "!"})
	wantError(t, err, errs.Invalid, "next_token")
	_, err = s.RevokeAccessKey(t.Context(), &controlv1.RevokeAccessKeyRequest{AccessKeyId: "HRAKNONE"})
	wantError(t, err, errs.NotFound, "", "HRAKNONE")
}
