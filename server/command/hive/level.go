package hive

import "github.com/headrace/headrace/server/command/property"

// levels has every property after the levels were merged.
type levels struct{ property.Levels }

// merge puts the levels on top of each other, lowest first.
func merge(in Input, conf map[string]string) levels {
	l := levels{property.Levels{}}
	l.Put(property.Level{Properties: releaseDefaults(in.ReleaseLabel)}, ownSpelling)
	for _, site := range in.Under {
		l.Put(site, ownSpelling)
	}
	l.Put(property.Level{Field: in.SiteField, Properties: in.Site}, ownSpelling)
	l.Put(property.Level{Field: parametersField, Properties: conf}, ownSpelling)
	return l
}

// final returns the hive-site of the run. Environments are not part of it, since every process has its own.
func (l levels) final() map[string]string {
	out := map[string]string{}
	for key, set := range l.Levels {
		if !isEnvironment(key) {
			out[key] = set.Value
		}
	}
	return out
}
