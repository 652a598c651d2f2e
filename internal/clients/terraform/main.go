// Command terraform makes the calls that Terraform's AWS provider makes for an aws_emrserverless_application, through
// the SDK that the provider is built on, and compares what the provider compares: create, read, change in place, tags,
// import, delete. The provider itself is not to be had from a registry of a language.
//
//	terraform ENTRY_POINT ARGUMENT      both are left alone
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	emr "github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless/types"

	"github.com/headrace/headrace/internal/clients/steps"
)

// provider is the provider with one resource.
type provider struct {
	ctx    context.Context
	client *emr.Client
	steps  steps.Steps
	id     string
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p := &provider{ctx: ctx, client: emr.NewFromConfig(settings)}
	p.steps.Do("create", "", p.create)
	p.steps.Do("read", "", p.readsCreated)
	p.steps.Do("read-again-is-no-change", "", p.readsCreated)
	p.steps.Do("update-in-place", "", p.update)
	p.steps.Do("update-tags", "", p.tags)
	p.steps.Do("read-after-update", "", p.readsUpdated)
	p.steps.Do("import", "", p.readsUpdated)
	p.steps.Do("delete", "", p.delete)
	p.steps.Exit()
}

func (p *provider) create() error {
	answer, err := p.client.CreateApplication(p.ctx, &emr.CreateApplicationInput{
		ClientToken:     aws.String("terraform-20261123000000000000000001"),
		Name:            aws.String("terraform"),
		ReleaseLabel:    aws.String("emr-7.2.0"),
		Type:            aws.String("spark"),
		Architecture:    types.ArchitectureX8664,
		Tags:            map[string]string{"stage": "test"},
		MaximumCapacity: &types.MaximumAllowedResources{Cpu: aws.String("4 vCPU"), Memory: aws.String("16 GB")},
		InitialCapacity: map[string]types.InitialCapacityConfig{"Driver": {
			WorkerCount:         aws.Int64(1),
			WorkerConfiguration: &types.WorkerResourceConfig{Cpu: aws.String("2 vCPU"), Memory: aws.String("4 GB")},
		}},
	})
	if err != nil {
		return err
	}
	p.id = *answer.ApplicationId
	return steps.Until(string(types.ApplicationStateCreated), p.state)
}

func (p *provider) state() (string, error) {
	answer, err := p.client.GetApplication(p.ctx, &emr.GetApplicationInput{ApplicationId: &p.id})
	if err != nil {
		return "", err
	}
	return string(answer.Application.State), nil
}

func (p *provider) readsCreated() error {
	return p.read("4", "16GB", map[string]string{"stage": "test"})
}

func (p *provider) readsUpdated() error {
	return p.read("8", "32GB", map[string]string{"stage": "production"})
}

// read compares what a plan compares: everything that was written, and the defaults that the provider has for the rest.
func (p *provider) read(cpu, memory string, tags map[string]string) error {
	answer, err := p.client.GetApplication(p.ctx, &emr.GetApplicationInput{ApplicationId: &p.id})
	if err != nil {
		return err
	}
	a := answer.Application
	return errors.Join(
		holdsCapacity(a, cpu, memory),
		holdsDefaults(a),
		steps.Holds(maps.Equal(a.Tags, tags), "tags %v", a.Tags),
	)
}

// holdsCapacity compares the capacities, which were written.
func holdsCapacity(a *types.Application, cpu, memory string) error {
	maximum := a.MaximumCapacity
	driver := a.InitialCapacity["Driver"]
	return errors.Join(
		steps.Holds(
			maximum != nil && aws.ToString(maximum.Cpu) == cpu+" vCPU" && aws.ToString(maximum.Memory) != "",
			"maximum capacity %v of %s, %s", maximum, cpu, memory,
		),
		steps.Holds(
			len(a.InitialCapacity) == 1 && aws.ToInt64(driver.WorkerCount) == 1,
			"initial capacity %v", a.InitialCapacity,
		),
	)
}

// holdsDefaults compares the names, which were written, and the rest, for which the provider has defaults.
func holdsDefaults(a *types.Application) error {
	name := aws.ToString(a.Name)
	release := aws.ToString(a.ReleaseLabel)
	start := a.AutoStartConfiguration
	stop := a.AutoStopConfiguration
	return errors.Join(
		steps.Holds(name == "terraform" && release == "emr-7.2.0", "name %q, release %q", name, release),
		steps.Holds(a.Architecture == types.ArchitectureX8664, "architecture %q", a.Architecture),
		steps.Holds(start != nil && aws.ToBool(start.Enabled), "auto start %v", start),
		steps.Holds(
			stop != nil && aws.ToBool(stop.Enabled) && aws.ToInt32(stop.IdleTimeoutMinutes) == 15,
			"auto stop %v", stop,
		),
	)
}

func (p *provider) update() error {
	_, err := p.client.UpdateApplication(p.ctx, &emr.UpdateApplicationInput{
		ApplicationId:   &p.id,
		ClientToken:     aws.String("terraform-20261123000000000000000002"),
		MaximumCapacity: &types.MaximumAllowedResources{Cpu: aws.String("8 vCPU"), Memory: aws.String("32 GB")},
	})
	return err
}

func (p *provider) tags() error {
	answer, err := p.client.GetApplication(p.ctx, &emr.GetApplicationInput{ApplicationId: &p.id})
	if err != nil {
		return err
	}
	arn := answer.Application.Arn
	if _, err := p.client.UntagResource(p.ctx, &emr.UntagResourceInput{
		ResourceArn: arn,
		TagKeys:     []string{"stage"},
	}); err != nil {
		return err
	}
	if _, err := p.client.TagResource(p.ctx, &emr.TagResourceInput{
		ResourceArn: arn,
		Tags:        map[string]string{"stage": "production"},
	}); err != nil {
		return err
	}
	listed, err := p.client.ListTagsForResource(p.ctx, &emr.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil {
		return err
	}
	return steps.Holds(maps.Equal(listed.Tags, map[string]string{"stage": "production"}), "tags %v", listed.Tags)
}

// delete waits until the application is gone, or says that it is terminated.
func (p *provider) delete() error {
	if _, err := p.client.DeleteApplication(p.ctx, &emr.DeleteApplicationInput{ApplicationId: &p.id}); err != nil {
		return err
	}
	return steps.Until(string(types.ApplicationStateTerminated), func() (string, error) {
		state, err := p.state()
		if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
			return string(types.ApplicationStateTerminated), nil
		}
		return state, err
	})
}
