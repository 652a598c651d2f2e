package grpcerr

import (
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/headrace/headrace/internal/errs"
)

// A kind without a line would be told as a success.
func TestTable_HasEveryKind(t *testing.T) {
	for kind := errs.Internal; kind <= errs.Refused; kind++ {
		row, ok := table[kind]
		if shape, status := HTTP(kind); !ok || row.code == codes.OK || shape == "" || status < 400 {
			t.Errorf("%s has the code %s, the type %q and the status %d", kind, row.code, shape, status)
		}
	}
	if len(table) != int(errs.Refused)+1 {
		t.Errorf("the table has %d lines; is there a kind behind %s?", len(table), errs.Refused)
	}
}

// Clients of the HTTP API try again at 429 and from 500 on, and nowhere else: so it is what has to be repeated that is
// there.
func TestHTTP_WhatMayBeRepeatedIsRepeatedByClients(t *testing.T) {
	again := map[errs.Kind]bool{
		errs.Internal:    true,
		errs.Overloaded:  true,
		errs.Unknown:     true,
		errs.NotLeader:   true,
		errs.Unavailable: true,
		errs.Refused:     true,
	}
	for kind := errs.Internal; kind <= errs.Refused; kind++ {
		if _, status := HTTP(kind); again[kind] != (status == 429 || status >= 500) {
			t.Errorf("%s has the status %d", kind, status)
		}
	}
}
