package configuration

import (
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The classifications.
const (
	Spark               = "spark" // settings of the service for Spark
	SparkDefaults       = "spark-defaults"
	SparkDriverLog4j2   = "spark-driver-log4j2"
	SparkExecutorLog4j2 = "spark-executor-log4j2"
	HiveSite            = "hive-site"
	TezSite             = "tez-site"
	CoreSite            = "core-site"
	EmrfsSite           = "emrfs-site"
	MapredSite          = "mapred-site"
)

// known lists an engine's classifications.
func known(engine state.Engine) []string {
	switch engine {
	case state.EngineSpark:
		return []string{
			Spark, SparkDefaults, SparkDriverLog4j2, SparkExecutorLog4j2, HiveSite, CoreSite, EmrfsSite, MapredSite,
		}
	case state.EngineHive:
		return []string{HiveSite, TezSite, CoreSite, EmrfsSite, MapredSite}
	}
	return nil
}

// Check holds that an engine has the classifications on a release. Its errors name the field and what is allowed.
func Check(engine state.Engine, release, field string, all []*specv1.Configuration) error {
	allowed := known(engine)
	flat := Flat(all)
	if nested(all) {
		if err := checkOnce(field, flat); err != nil {
			return err
		}
	}
	for _, c := range flat {
		needs := releases.Needs("classification "+c.GetClassification(), release, releases.SinceLog4j2)
		switch {
		case len(allowed) == 0:
			return errs.Field(field, "%q: applications of the %s engine have no classifications",
				c.GetClassification(), engine)
		case !slices.Contains(allowed, c.GetClassification()):
			return errs.Field(field, "there is no classification %.40q for engine %s; there are %s",
				c.GetClassification(), engine, strings.Join(allowed, ", "))
		case strings.HasSuffix(c.GetClassification(), "-log4j2") && needs != "":
			return errs.Field(field, "%s", needs)
		}
		if err := checkLog4j2(field, c); err != nil {
			return err
		}
	}
	return nil
}

// checkOnce holds that each classification stands once, nested or not. Package spec sees to it in each list by itself.
func checkOnce(field string, flat []*specv1.Configuration) error {
	seen := map[string]bool{}
	for _, c := range flat {
		if seen[c.GetClassification()] {
			return errs.Field(field,
				"the classification %.80q stands twice, once nested; write all its properties into one",
				c.GetClassification())
		}
		seen[c.GetClassification()] = true
	}
	return nil
}
