package control

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of an execution policy (specification of the API, section 3); lengths in characters.
const (
	maxPolicies = 10
	minARN      = 20
	maxARN      = 2048
)

// executionPolicyOf takes what bounds a run's identity; without a policy nothing was said.
func executionPolicyOf(m *controlv1.ExecutionPolicy) (*state.ExecutionPolicy, error) {
	if m.GetPolicy() == "" && len(m.GetPolicyArns()) == 0 {
		return nil, nil
	}
	if err := checkPolicyText(m.GetPolicy()); err != nil {
		return nil, err
	}
	if n := len(m.GetPolicyArns()); n > maxPolicies {
		return nil, errs.Field("execution_policy.policy_arns", "%d policies are more than %d", n, maxPolicies)
	}
	for i, arn := range m.GetPolicyArns() {
		if n := utf8.RuneCountInString(arn); n < minARN || n > maxARN || strings.IndexByte(arn, 0) >= 0 {
			return nil, errs.Field(fmt.Sprintf("execution_policy.policy_arns[%d]", i), "%.80q has %d characters, not %d to %d without a zero byte", arn, n, minARN, maxARN)
		}
		if err := checkPrintable(fmt.Sprintf("execution_policy.policy_arns[%d]", i), "", arn); err != nil {
			return nil, err
		}
	}
	return &state.ExecutionPolicy{Policy: m.GetPolicy(), ARNs: m.GetPolicyArns()}, nil
}

func checkPolicyText(text string) error {
	if n := utf8.RuneCountInString(text); n > maxARN {
		return errs.Field("execution_policy.policy", "it has %d characters; the most is %d", n, maxARN)
	}
	for _, r := range text {
		if r > 0xFF || r < 0x20 && r != '\t' && r != '\n' && r != '\r' {
			return errs.Field("execution_policy.policy", "it has the character %q; there are printable ones up to U+00FF, tabs and ends of lines", r)
		}
	}
	return nil
}

func executionPolicy(p *state.ExecutionPolicy) *controlv1.ExecutionPolicy {
	if p == nil {
		return nil
	}
	return &controlv1.ExecutionPolicy{Policy: p.Policy, PolicyArns: p.ARNs}
}
