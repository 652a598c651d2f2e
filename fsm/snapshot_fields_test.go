package fsm_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// TestSnapshot_KeepsEveryField puts rows in which nothing is zero: a field that a later change adds to a row, and
// forgets in the snapshot, is missing here.
func TestSnapshot_KeepsEveryField(t *testing.T) {
	view := full(t)
	if want, got := dump(t, view), dump(t, restore(t, view).View()); want != got {
		t.Errorf("the states differ:\n%s\n%s", want, got)
	}
}

// full is a state with one row of each kind.
func full(t *testing.T) *state.View {
	tx := state.New().Begin()
	tx.Initialize("cluster", "account", "region")
	tx.PutRelease(filled[state.Release](t))
	tx.PutNode(filled[state.Node](t))
	tx.PutApplication(filled[state.Application](t))
	tx.PutContent(state.Content{Digest: "aa", Defined: &eventv1.Content{
		Digest:  []byte{0xaa},
		Content: &eventv1.Content_Settings{Settings: &eventv1.Settings{Monitoring: &specv1.Monitoring{}}},
	}})
	tx.PutContent(state.Content{Digest: "bb", Defined: &eventv1.Content{
		Digest:  []byte{0xbb},
		Content: &eventv1.Content_Launch{Launch: &eventv1.Launch{}},
	}})
	run := filled[state.JobRun](t)
	run.Inherited = "aa"
	run.Launch = "bb"
	tx.PutJobRun(run)
	tx.PutAttempt(filled[state.Attempt](t))
	worker := filled[state.Worker](t)
	worker.State = state.WorkerEnded // only then it has an Exit
	tx.PutWorker(worker)
	tx.PutSlot(filled[state.Slot](t))
	tx.PutRequest(filled[state.Request](t))
	tx.PutAccessKey(filled[state.AccessKey](t))
	tx.PutSegment(filled[state.Segment](t))
	tx.Advance(7, time.Unix(1, 0).UTC())
	return tx.Commit()
}

// filled returns a row with something in every field.
func filled[R any](t *testing.T) (row R) {
	n := int64(0)
	fill(t, reflect.ValueOf(&row).Elem(), &n)
	return row
}

// fill sets a value to something that is not zero; numbers differ from each other as far as their meaning allows.
func fill(t *testing.T, v reflect.Value, n *int64) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1_000_000+*n, 5).UTC()))
		return
	case time.Duration:
		v.SetInt(*n * int64(time.Minute))
		return
	case *specv1.Application: // a message is written whole, whatever is in it
		v.Set(reflect.ValueOf(specv1.Application_builder{Name: new("n"), Tags: map[string]string{"k": "v"}}.Build()))
		return
	case *specv1.JobRun:
		v.Set(reflect.ValueOf(specv1.JobRun_builder{Name: new("n"), Tags: map[string]string{"k": "v"}}.Build()))
		return
	case state.Terms: // they follow from the spec
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), n)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"k": "v"}))
	case reflect.String:
		v.SetString(string(rune('a' + *n%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32: // of an enumeration
		v.SetInt(2)
	case reflect.Int64:
		v.SetInt(*n)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(*n))
	default:
		t.Fatalf("rows have no field of kind %s yet; say here how to fill it", v.Kind())
	}
}
