package http

import (
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// maxDetails bounds details of a state, in characters: a client may hold that there are no more.
const maxDetails = 256

// application is what the cluster says of an application, and beside it what its users decided.
func application(a *controlv1.Application) *codec.Node {
	var m object
	m.text("applicationId", a.GetApplicationId())
	head(&m, a)
	m.texts("tags", a.GetSpec().GetTags())
	settings := codec.API.Encode(a.GetSpec())
	resolve(settings.Get("imageConfiguration"))
	if types := settings.Get("workerTypeSpecifications"); types != nil {
		for _, each := range types.Members {
			resolve(each.Value.Get("imageConfiguration"))
		}
	}
	m.take(settings, "name", "releaseLabel", "type", "tags")
	return m.node()
}

func applicationSummary(a *controlv1.Application) *codec.Node {
	var m object
	m.text("id", a.GetApplicationId())
	head(&m, a)
	m.some("architecture", codec.EnumName(a.GetSpec().GetArchitecture()))
	return m.node()
}

// head is what is said of an application in lists, too.
func head(m *object, a *controlv1.Application) {
	m.some("name", a.GetSpec().GetName())
	m.text("arn", a.GetArn())
	m.text("releaseLabel", a.GetSpec().GetReleaseLabel())
	m.text("type", engineName(a.GetSpec().GetEngine()))
	m.text("state", a.GetState())
	m.text("stateDetails", cut(a.GetStateDetails()))
	m.time("createdAt", a.GetCreatedAt())
	m.time("updatedAt", a.GetUpdatedAt())
}

// engineName writes an engine as the original does in answers: Spark.
func engineName(engine specv1.Engine) string {
	name := codec.EnumName(engine)
	if name == "" {
		return ""
	}
	return name[:1] + strings.ToLower(name[1:])
}

// resolve adds an image's digest, which is known when its reference names it.
func resolve(image *codec.Node) {
	uri := image.Get("imageUri")
	if uri == nil {
		return
	}
	if _, digest, found := strings.Cut(uri.Text, "@"); found {
		of := object{image.Members}
		of.text("resolvedImageDigest", digest)
		image.Members = of.members
	}
}

// cut shortens details that are longer than clients expect.
func cut(details string) string {
	if utf8.RuneCountInString(details) <= maxDetails {
		return details
	}
	return string([]rune(details)[:maxDetails-3]) + "..."
}
