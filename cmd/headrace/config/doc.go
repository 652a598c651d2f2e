// Package config reads how a server and an agent are to run: flags over HEADRACE_* variables over a YAML file over
// defaults.
//
// A setting has one name in three spellings: data_dir in the file, HEADRACE_DATA_DIR as a variable, --data-dir as a
// flag. A setting inside another one joins both names: file tls: {ca_file: x}, variable HEADRACE_TLS_CA_FILE, flag
// --tls-ca-file. Lists are separated by commas in variables. A key that is no setting is an error that names the key,
// so that a typing error loses no setting.
//
//	server.go  the settings of a server; server_flags.go: their flags; server_check.go: whether they can be
//	agent.go   the settings of an agent; agent_flags.go: their flags; agent_check.go: whether they can be
//	load.go    flags over variables over the file over defaults
//	process.go, tls.go, object_store.go   settings that both have
//	amount.go  CPU, memory and disk as people write them; labels.go: labels of a node
package config
