package main

import (
	"net/url"
	"path/filepath"
)

// venvRuns runs a script with the Python of a client's virtual environment.
func venvRuns(script string) func(dir string) []string {
	return func(dir string) []string {
		return []string{filepath.Join(dir, "venv", "bin", "python"), filepath.Join(dir, script)}
	}
}

// pythonRuns runs a script with the machine's Python.
func pythonRuns(script string) func(dir string) []string {
	return func(dir string) []string { return []string{"python3", filepath.Join(dir, script)} }
}

func nodeRuns(script string) func(dir string) []string {
	return func(dir string) []string { return []string{"node", filepath.Join(dir, script)} }
}

// goRuns runs a program of this module.
func goRuns(name string) func(dir string) []string {
	return func(string) []string { return []string{"go", "run", "./" + name} }
}

// byVariable is the variable that today's SDKs know.
func byVariable(_, endpoint string) []string {
	return []string{"AWS_ENDPOINT_URL_EMR_SERVERLESS=" + endpoint}
}

// cliOf names the CLI beside the variable.
func cliOf(program string) func(dir, endpoint string) []string {
	return func(dir, endpoint string) []string {
		return append(byVariable(dir, endpoint), "AWS="+filepath.Join(dir, program))
	}
}

// systemCLI is the CLI of the system's packages.
const systemCLI = "/usr/bin/aws"

// cliByArgument is for a CLI that knows no variable: the system's.
func cliByArgument(_, endpoint string) []string {
	return []string{"ENDPOINT=" + endpoint, "AWS=" + systemCLI}
}

// airflow has the endpoint in its connection, and a home of its own.
func airflow(dir, endpoint string) []string {
	extra := url.Values{"region_name": {"us-east-1"}, "endpoint_url": {endpoint}}
	return []string{
		"AIRFLOW_HOME=" + filepath.Join(dir, "home"),
		"AIRFLOW_CONN_AWS_DEFAULT=aws://AKIDEXAMPLE:dummysecret@/?" + extra.Encode(),
		"AIRFLOW__CORE__LOAD_EXAMPLES=False",
	}
}
