package inflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

func TestPlaces_HaveSharesAndABound(t *testing.T) {
	p := New(3, 2)
	first := p.Take("a")
	second := p.Take("a")
	if first == nil || second == nil || p.Take("a") != nil {
		t.Error("the share of a is not 2")
	}
	third := p.Take("b")
	if third == nil || p.Take("b") != nil || p.Take("c") != nil || p.Taken() != 3 {
		t.Error("there are not 3 places")
	}
	first()
	first() // which counts once
	if again := p.Take("b"); again == nil || p.Take("a") != nil || p.Taken() != 3 {
		t.Error("a place that was given back is not one place")
	}
	second()
	third()
	if p.shares["a"] != 0 || len(p.shares) != 1 {
		t.Errorf("shares are left: %v", p.shares)
	}
}

func TestPlaces_NeverMoreThanThereAre(t *testing.T) {
	p := New(5, 3)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			for range 200 {
				if leave := p.Take(fmt.Sprint(i % 3)); leave != nil {
					if n := p.Taken(); n > 5 {
						t.Errorf("%d are taken", n)
					}
					leave()
				}
			}
		})
	}
	group.Wait()
	if p.Taken() != 0 || len(p.shares) != 0 {
		t.Errorf("%d are left, %v", p.Taken(), p.shares)
	}
}

func TestWait_UntilThereIsOneOrItTakesTooLong(t *testing.T) {
	p := New(1, 1)
	leave := p.Take("a")
	if p.Wait(t.Context(), "b", 30*time.Millisecond) != nil {
		t.Error("there was one")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p.Wait(ctx, "b", time.Hour) != nil {
		t.Error("there was one for nobody")
	}
	time.AfterFunc(30*time.Millisecond, leave)
	if again := p.Wait(t.Context(), "b", time.Minute); again == nil {
		t.Error("there was none")
	}
}

func TestAddress_IsTheHostOrItsNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"10.0.0.1:80":            "10.0.0.1",
		"[::ffff:10.0.0.1]:80":   "10.0.0.1",
		"[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":      "fe80::/64",
		"[::1]:80":               "::1",
		"@":                      "@",
		"":                       "",
		"pipe":                   "pipe",
	} {
		if got := Address(remote); got != want {
			t.Errorf("%q is %q, not %q", remote, got, want)
		}
	}
}

func TestListen_ClosesWhatHasNoPlace(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limit := New(10, 2)
	told := make(chan string, 10)
	l := Listen(inner, limit, func(address string) { told <- address })
	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	dial()
	dial()
	first := <-accepted
	<-accepted
	refused := dial()
	_ = refused.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := refused.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a connection without a place gives %v", err)
	}
	if address := <-told; address != "127.0.0.1" {
		t.Errorf("%q was refused", address)
	}
	_ = first.Close()
	_ = first.Close()
	dial()
	if c := <-accepted; c == nil || limit.Taken() != 2 {
		t.Errorf("%d are taken", limit.Taken())
	}
	_ = l.Close()
	for range accepted {
	}
}
