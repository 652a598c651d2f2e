package support

import (
	"strings"
	"sync"
)

// secretReference begins the name of a secret in a value.
const secretReference = "EMR.secret@"

// propertyParts are those that are said by properties.
var propertyParts = sync.OnceValue(func() []*Part {
	return []*Part{
		{
			Name:     "references to secrets",
			Members:  []string{secretReference + "…"},
			Instead:  "the job would read these very letters; give the value, which nobody else is shown",
			property: func(_, value string) bool { return strings.Contains(value, secretReference) },
		},
		{
			Name:     "Lake Formation",
			Members:  []string{"spark.emr-serverless.lakeformation.enabled"},
			Instead:  "bound the credentials that nodes have for the object store",
			property: isLakeFormation,
		},
		{
			Name:     "encryption between workers by this setting",
			Members:  []string{"spark.ssl.internode.enabled"},
			Instead:  "spark.authenticate and spark.network.crypto.enabled are Spark's own",
			property: func(key, value string) bool { return key == "spark.ssl.internode.enabled" && isTrue(value) },
		},
		{
			Name:    "the Glue Data Catalog",
			Members: []string{"hive.metastore.client.factory.class", "hive.metastore.glue.catalogid"},
			Instead: "its tables would be gone with the worker; name a metastore by hive.metastore.uris or " +
				"javax.jdo.option.ConnectionURL",
			property: isGlue,
		},
	}
})

func isLakeFormation(key, value string) bool {
	const name = "lakeformation.enabled"
	return isTrue(value) && (key == "spark.emr-serverless."+name || key == "spark.headrace."+name)
}

// isGlue says whether a property of Hive asks for Glue. Spark passes those with a prefix on to Hive.
func isGlue(key, value string) bool {
	switch strings.TrimPrefix(key, "spark.hadoop.") {
	case "hive.metastore.client.factory.class":
		return strings.Contains(value, "AWSGlueDataCatalog")
	case "hive.metastore.glue.catalogid":
		return strings.TrimSpace(value) != ""
	}
	return false
}

func isTrue(value string) bool { return strings.EqualFold(strings.TrimSpace(value), "true") }

// Property says what is wrong with a property that somebody set; empty: nothing is. It does not repeat the value, which
// may be secret.
func Property(key, value string) string {
	for _, p := range propertyParts() {
		if !p.Works() && p.property(key, value) {
			return key + ": " + p.refusal()
		}
	}
	return ""
}
