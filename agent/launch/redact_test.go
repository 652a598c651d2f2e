package launch

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

const hush = redacted // short, for tables

func TestRedaction_ReplacesValuesOfSecretNames(t *testing.T) {
	hide := newRedaction(nil)
	for name, want := range map[string]string{
		"MY_PASSWORD": hush, "AWS_SECRET_ACCESS_KEY": hush, "fs.s3a.access.key": hush, "accesskey": hush, "Token": hush,
		"DB_CREDENTIALS": hush, "ssl.passphrase": hush, "PRIVATE_KEY": hush, "private.key": hush, "_SPARK_AUTH_SECRET": hush,
		"PATH": "v", "spark.app.name": "v", "KEY": "v",
	} {
		if got := hide.named(name, "v"); got != want {
			t.Errorf("%s is shown as %q, want %q", name, got, want)
		}
	}
	if got := hide.named("PASSWORD", ""); got != "" {
		t.Errorf("an empty value is shown as %q", got)
	}
}

func TestRedaction_FindsSecretsInText(t *testing.T) {
	hide := newRedaction(nil)
	for text, want := range map[string]string{
		"nothing here":                              "nothing here",
		"EMR.secret@my-db":                          hush,
		"jdbc:postgresql://u:p@h:5432/db":           "jdbc:postgresql://u:" + hush + "@h:5432/db",
		"http://a@h:80/x and s3://b/k:1@2":          "http://a@h:80/x and s3://b/k:1@2",
		"-Da.password=x -Db=y":                      "-Da.password=" + hush + " -Db=y",
		`{"token": "a b", "n": 1}`:                  `{"token": ` + hush + `, "n": 1}`,
		`{"token":"a\"b","n":1}`:                    `{"token":` + hush + `,"n":1}`,
		"mysql --password hunter2 -u me":            "mysql --password " + hush + " -u me",
		"x='y'; API_TOKEN='a b' run":                "x='y'; API_TOKEN=" + hush + " run",
		"spark://CoarseGrainedScheduler@h:7077":     "spark://CoarseGrainedScheduler@h:7077",
		"/opt/secretsmanager-1.jar:/opt/token.jar":  "/opt/secretsmanager-1.jar:/opt/token.jar",
		"jdbc:mysql://h/db?user=a&password=b&ssl=1": "jdbc:mysql://h/db?user=a&password=" + hush,
	} {
		if got := hide.text(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestRedaction_KnowsHowArgumentsNameSecrets(t *testing.T) {
	got := newRedaction(nil).arguments([]string{
		"spark-submit", "--conf", "spark.my.password=a b c", "-Dmy.secret=x",
		"--hiveconf", "javax.jdo.option.ConnectionPassword=p", "token=t", "--conf", "spark.x=EMR.secret@y",
		"--password", "hunter2", "--token", "--verbose", "--conf", "spark.app.name=me",
		"EMR.secret@z", "https://u:p@h/?a=b", "jdbc://u:p=w@h", "jdbc://u:tokenp=w@h", "password=",
	})
	want := []string{
		"spark-submit", "--conf", "spark.my.password=" + hush, "-Dmy.secret=" + hush,
		"--hiveconf", "javax.jdo.option.ConnectionPassword=" + hush, "token=" + hush, "--conf", "spark.x=" + hush,
		"--password", hush, "--token", "--verbose", "--conf", "spark.app.name=me",
		hush, "https://u:" + hush + "@h/?a=b", "jdbc://u:" + hush + "@h", "jdbc://u:" + hush + "@h", "password=",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the arguments are shown as\n%q, want\n%q", got, want)
	}
}

func TestRedaction_ReadsConfigurationFiles(t *testing.T) {
	got := newRedaction(nil).file(strings.Join([]string{
		"# a comment", "spark.authenticate.secret=abc", "my\\ password : x", "fs.s3a.secret.key  y z",
		"long.token=one\\", "  two\\", "  three", "after=it", "spark.extraJavaOptions=-Da.password=x -Db=y",
		"ref=EMR.secret@q",
		"<name>db.password</name>", "  <value>p</value>", "",
	}, "\n"))
	want := strings.Join([]string{
		"# a comment", "spark.authenticate.secret=" + hush, "my\\ password : " + hush, "fs.s3a.secret.key  " + hush,
		"long.token=" + hush, "after=it", "spark.extraJavaOptions=-Da.password=" + hush + " -Db=y", "ref=" + hush,
		"<name>db.password</name>", "  <value>" + hush + "</value>", "",
	}, "\n")
	if got != want {
		t.Errorf("the file is shown as\n%s\nwant\n%s", got, want)
	}
}

func TestRedaction_ReplacesTheRunsOwnSecretHoweverItIsWritten(t *testing.T) {
	secret := []byte{0, 1, 2, 250, 251, 252, 253, 254, 255, 'x'}
	hide := newRedaction(secret)
	for _, form := range []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)),
		base64.StdEncoding.EncodeToString(secret), base64.URLEncoding.EncodeToString(secret),
		base64.RawURLEncoding.EncodeToString(secret),
	} {
		shown := hide.text("a "+form+" b") + hide.file("harmless="+form) +
			hide.arguments([]string{"x" + form})[0] + hide.named("n", form)
		if strings.Contains(shown, form) {
			t.Errorf("%q is shown in %q", form, shown)
		}
	}
}

func FuzzRedaction(f *testing.F) {
	f.Add("spark.my.", "hunter2")
	f.Add("--x-", `a"b\ c=d`)
	f.Add("", "http://u:p@h/?token=1")
	f.Add("\\", "x\\")
	hide := newRedaction([]byte("the run's own"))
	f.Fuzz(func(t *testing.T, before, value string) {
		const plant = "Plant7"
		before = strings.Map(func(r rune) rune {
			if strings.ContainsRune("= \t\r\n:", r) || r == '\u0085' || r == '\u00a0' || r < ' ' {
				return '_'
			}
			return r
		}, strings.ToValidUTF8(before, "_"))
		if strings.Contains(before+value, plant) {
			t.Skip("the plant is there already")
		}
		value = strings.Map(func(r rune) rune { // a line is a value's end in a file
			if r == '\n' || r == '\r' {
				return '_'
			}
			return r
		}, strings.ToValidUTF8(value, "_"))
		secret := value + plant
		for what, shown := range map[string]string{
			"a variable":  hide.named(before+"password", secret),
			"an argument": strings.Join(hide.arguments([]string{"--conf", before + "password=" + secret}), " "),
			"a property":  hide.file(before + "password=" + secret + "\nnext=1\n"),
			"a reference": hide.text(value + "EMR.secret@" + plant),
			"its own":     hide.text(value + "the run's own"),
		} {
			if strings.Contains(shown, plant) || strings.Contains(shown, "the run's own") {
				t.Errorf("%s of %q and %q is shown as %q", what, before, secret, shown)
			}
		}
		if strings.ContainsAny(value, "=:\"'") {
			return
		}
		harmless := !strings.Contains(before, "//") && !secretName.MatchString(before) &&
			!strings.Contains(before, secretReference)
		if kept := hide.named("name", before); harmless && kept != before {
			t.Errorf("%q is shown as %q without need", before, kept)
		}
	})
}
