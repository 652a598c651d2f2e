package control

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// surrounded is everything that can be said of what an application runs in.
func surrounded() *controlv1.Surroundings {
	return &controlv1.Surroundings{
		Image: &controlv1.Image{Uri: "registry.example:5000/spark/mine:7", ApplicationLevelDigestResolution: pointer(true)},
		WorkerImages: &controlv1.WorkerImages{Entries: []*controlv1.WorkerImage{{WorkerType: "Driver",
			Image: &controlv1.Image{Uri: "000000000000.dkr.ecr.us-east-1.amazonaws.com/drivers@sha256:" + strings.Repeat("a", 64)}}}},
		Network:        &controlv1.Network{SubnetIds: []string{"subnet-2", "subnet-1"}, SecurityGroupIds: []string{"sg-1"}},
		DiskEncryption: &controlv1.DiskEncryption{Context: map[string]string{"team": "a"}, KeyArn: aKey},
		Interactive:    &controlv1.Interactive{StudioEnabled: pointer(true), LivyEndpointEnabled: pointer(false)},
		IdentityCenter: &controlv1.IdentityCenter{InstanceArn: "arn:aws:sso:::instance/ssoins-1234567890abcdef", UserBackgroundSessionsEnabled: pointer(true)},

		JobCostAllocation: pointer(true),
	}
}

func TestSurroundings_ComeBackAsTheyWereSent(t *testing.T) {
	spec := state.Application{Engine: state.EngineSpark}
	must(t, setSurroundings(&spec, &controlv1.UpdateApplicationRequest{Surroundings: surrounded()}))
	wantSame(t, "surroundings", surroundings(spec.Surroundings), surrounded())
}

// An update replaces the parts that it has; an empty part removes.
func TestSurroundings_AnEmptyPartRemoves(t *testing.T) {
	spec := state.Application{Engine: state.EngineSpark}
	must(t, setSurroundings(&spec, &controlv1.UpdateApplicationRequest{Surroundings: surrounded()}))
	must(t, setSurroundings(&spec, &controlv1.UpdateApplicationRequest{Surroundings: &controlv1.Surroundings{Image: &controlv1.Image{}}}))
	want := surrounded()
	want.Image = nil
	wantSame(t, "without the image", surroundings(spec.Surroundings), want)
	must(t, setSurroundings(&spec, &controlv1.UpdateApplicationRequest{Surroundings: &controlv1.Surroundings{WorkerImages: &controlv1.WorkerImages{},
		Network: &controlv1.Network{}, DiskEncryption: &controlv1.DiskEncryption{}, Interactive: &controlv1.Interactive{}, IdentityCenter: &controlv1.IdentityCenter{}}}))
	wantSame(t, "what is left", surroundings(spec.Surroundings), &controlv1.Surroundings{JobCostAllocation: pointer(true)})
}

func TestSurroundings_NamesWhatIsWrong(t *testing.T) {
	image := func(uri string) *controlv1.Surroundings {
		return &controlv1.Surroundings{Image: &controlv1.Image{Uri: uri}}
	}
	images := func(types ...string) *controlv1.Surroundings {
		list := &controlv1.WorkerImages{}
		for _, t := range types {
			list.Entries = append(list.Entries, &controlv1.WorkerImage{WorkerType: t, Image: &controlv1.Image{Uri: "a:1"}})
		}
		return &controlv1.Surroundings{WorkerImages: list}
	}
	network := func(subnets, groups []string) *controlv1.Surroundings {
		return &controlv1.Surroundings{Network: &controlv1.Network{SubnetIds: subnets, SecurityGroupIds: groups}}
	}
	words := map[string]string{}
	for i := range 9 {
		words[fmt.Sprint(i)] = "v"
	}
	encryption := func(words map[string]string, key string) *controlv1.Surroundings {
		return &controlv1.Surroundings{DiskEncryption: &controlv1.DiskEncryption{Context: words, KeyArn: key}}
	}
	for name, c := range map[string]struct {
		m     *controlv1.Surroundings
		field string
		names []string
	}{
		"image":           {image("https://registry/image"), "image.uri", []string{"https://registry/image", "registry.example.com"}},
		"long image":      {image(strings.Repeat("a", 1025)), "image.uri", []string{"1024"}},
		"worker type":     {images("TezTask"), "worker_images[0].worker_type", []string{"TezTask", "EXECUTOR"}},
		"twice":           {images("Driver", "DRIVER"), "worker_images[1].worker_type", []string{"twice"}},
		"17 subnets":      {network(make([]string, 17), nil), "network.subnet_ids", []string{"17", "16"}},
		"6 groups":        {network(nil, make([]string, 6)), "network.security_group_ids", []string{"6", "5"}},
		"subnet":          {network([]string{"a", "_b"}, nil), "network.subnet_ids[1]", []string{"_b", "32"}},
		"long group":      {network(nil, []string{strings.Repeat("g", 33)}), "network.security_group_ids[0]", nil},
		"9 words":         {encryption(words, aKey), "disk_encryption.context", []string{"9", "8"}},
		"long key":        {encryption(map[string]string{strings.Repeat("k", 129): "v"}, aKey), "disk_encryption.context", []string{"129", "128"}},
		"empty value":     {encryption(map[string]string{"k": ""}, aKey), "disk_encryption.context", []string{"384"}},
		"key":             {encryption(nil, "key"), "disk_encryption.key_arn", []string{"key"}},
		"identity centre": {&controlv1.Surroundings{IdentityCenter: &controlv1.IdentityCenter{InstanceArn: "x"}}, "identity_center.instance_arn", nil},
	} {
		spec := state.Application{Engine: state.EngineSpark}
		err := setSurroundings(&spec, &controlv1.UpdateApplicationRequest{Surroundings: c.m})
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, "surroundings."+c.field, c.names...) })
	}
}

// An idle timeout that is switched off comes back as it was.
func TestAutoStop_KeepsTheTimeoutThatItSwitchesOff(t *testing.T) {
	spec := state.Application{}
	for _, step := range []struct {
		update         *controlv1.UpdateApplicationRequest
		timeout, saved int
	}{
		{&controlv1.UpdateApplicationRequest{IdleTimeoutMinutes: pointer(int64(40))}, 40, 0},
		{&controlv1.UpdateApplicationRequest{AutoStop: pointer(false)}, 0, 40},
		{&controlv1.UpdateApplicationRequest{AutoStop: pointer(false), IdleTimeoutMinutes: pointer(int64(50))}, 0, 50},
		{&controlv1.UpdateApplicationRequest{AutoStop: pointer(true)}, 50, 0},
		{&controlv1.UpdateApplicationRequest{IdleTimeoutMinutes: pointer(int64(0))}, 0, 0},
		{&controlv1.UpdateApplicationRequest{AutoStop: pointer(true)}, 15, 0},
	} {
		must(t, setTimes(&spec, step.update))
		must(t, setAutoStop(&spec, step.update))
		if got, saved := int(spec.IdleTimeout.Minutes()), int(spec.PausedTimeout.Minutes()); got != step.timeout || saved != step.saved {
			t.Errorf("after %v it stops after %d minutes and keeps %d, want %d and %d", step.update, got, saved, step.timeout, step.saved)
		}
	}
}

func TestInitialCapacity_KeepsTheUsersWords(t *testing.T) {
	spec := state.Application{Engine: state.EngineSpark}
	size := &controlv1.Resources{MilliCpu: 1000, MemoryMib: 2048}
	must(t, setInitial(&spec, &controlv1.UpdateApplicationRequest{InitialCapacity: &controlv1.InitialCapacityList{Entries: []*controlv1.InitialCapacity{
		{WorkerType: "Driver", WorkerCount: 1, WorkerSize: size}, {WorkerType: "EXECUTOR", WorkerCount: 1, WorkerSize: size}}}}))
	shown := initialCapacity(spec.Initial)
	if shown[0].GetWorkerType() != "DRIVER" || shown[0].GetWrittenType() != "Driver" || shown[1].GetWrittenType() != "" {
		t.Errorf("shown as %v", shown)
	}
}

func TestExecutionPolicy_IsKeptAndChecked(t *testing.T) {
	policy := &controlv1.ExecutionPolicy{Policy: "{\n}", PolicyArns: []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}
	kept, err := executionPolicyOf(policy)
	must(t, err)
	wantSame(t, "policy", executionPolicy(kept), policy)
	for field, wrong := range map[string]*controlv1.ExecutionPolicy{
		"execution_policy.policy":         {Policy: "€"},
		"execution_policy.policy_arns":    {PolicyArns: make([]string, 11)},
		"execution_policy.policy_arns[0]": {PolicyArns: []string{"short"}},
	} {
		_, err := executionPolicyOf(proto.CloneOf(wrong))
		wantError(t, err, errs.Invalid, field)
	}
}
