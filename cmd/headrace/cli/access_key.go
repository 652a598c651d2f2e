package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func accessKeyCommand(env Env) *cobra.Command {
	c := parent("access-key", "Access keys: with them clients of the HTTP API sign their requests")
	s := newShared(env, c)
	c.AddCommand(createAccessKey(s), listAccessKeys(s), s.onAccessKey(revokeAccessKey(s)))
	return c
}

func createAccessKey(s *shared) *cobra.Command {
	var user string
	c := &cobra.Command{
		Use:     "create",
		Short:   "Make an access key and show its secret, this once",
		Args:    Nothing,
		Example: "  headrace access-key create --user airflow",
		RunE: s.with("create access key", func(c *cobra.Command, cl *client.Client, _ []string) error {
			return s.makeAccessKey(c.Context(), cl, user)
		}),
	}
	c.Flags().StringVar(&user, "user", "", "the user for whom its requests count; empty: default")
	return c
}

// makeAccessKey makes an access key of a user.
func (s *shared) makeAccessKey(ctx context.Context, cl *client.Client, user string) error {
	answer, err := accessKeys(cl).CreateAccessKey(ctx,
		&controlv1.CreateAccessKeyRequest{User: user})
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeNewAccessKey(s, answer) })
}

// writeNewAccessKey writes a key as the lines of a profile.
func writeNewAccessKey(s *shared, answer *controlv1.CreateAccessKeyResponse) error {
	if err := say(s, "aws_access_key_id = %s\naws_secret_access_key = %s\n", answer.GetAccessKey().GetAccessKeyId(),
		answer.GetSecretAccessKey()); err != nil {
		return err
	}
	return output.Line(s.Err, "The secret is shown this once: put both lines into a profile of ~/.aws/credentials.")
}

func listAccessKeys(s *shared) *cobra.Command {
	var user string
	c := &cobra.Command{
		Use:   "list",
		Short: "List access keys, without their secrets",
		Args:  Nothing,
		RunE: s.with("list access keys", func(c *cobra.Command, cl *client.Client, _ []string) error {
			return s.showAccessKeys(c.Context(), cl, user)
		}),
	}
	c.Flags().StringVar(&user, "user", "", "only keys of this user")
	return c
}

// showAccessKeys lists the access keys of a user; of all users if it is empty.
func (s *shared) showAccessKeys(ctx context.Context, cl *client.Client, user string) error {
	answer, err := allAccessKeys(ctx, cl, user)
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeAccessKeys(s, answer.GetAccessKeys()) })
}

func allAccessKeys(ctx context.Context, cl *client.Client, user string) (*controlv1.ListAccessKeysResponse, error) {
	all := &controlv1.ListAccessKeysResponse{}
	rows, err := pages(0, func(token string) ([]*controlv1.AccessKey, string, error) {
		page, err := accessKeys(cl).ListAccessKeys(ctx, &controlv1.ListAccessKeysRequest{NextToken: token, User: user})
		all.Record = page.GetRecord()
		return page.GetAccessKeys(), page.GetNextToken(), err
	})
	all.AccessKeys = rows
	return all, err
}

func writeAccessKeys(s *shared, rows []*controlv1.AccessKey) error {
	t := s.table("ACCESS KEY", "USER", "~CREATED BY", ">AGE")
	for _, k := range rows {
		t.Add(k.GetAccessKeyId(), k.GetUser(), k.GetCreatedBy(), output.Age(s.Now(), k.GetCreatedAt()))
	}
	return t.Write(s.Out)
}

func revokeAccessKey(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ACCESS_KEY",
		Short: "End an access key: what it signs is refused from now on",
		Args:  Takes("ACCESS_KEY"),
		RunE:  s.with("revoke access key", s.revoke),
	}
}

// revoke ends an access key.
func (s *shared) revoke(c *cobra.Command, cl *client.Client, args []string) error {
	const doing = "revoke access key"
	answer, err := accessKeys(cl).RevokeAccessKey(c.Context(),
		&controlv1.RevokeAccessKeyRequest{AccessKeyId: args[0]})
	if err != nil {
		return failAccessKey(doing, err)
	}
	return s.print(answer, func() error { return say(s, "access key %s is revoked\n", args[0]) })
}
