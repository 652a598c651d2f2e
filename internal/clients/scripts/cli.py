"""The tutorial with the AWS CLI: every operation that it knows once, with a real Spark job. Prints a line per operation.

    python cli.py ENTRY_POINT ARGUMENT

AWS is the program; ENDPOINT, if it is set, is given to it as an argument, because version 2 up to 2.12 knows no variable for it.
"""

import json
import os
import re
import subprocess
import sys
import time

AWS = [os.environ.get("AWS", "aws"), "emr-serverless"]
ROLE = "arn:aws:iam::000000000000:role/default"
KNOWN = None
failed = False


class Failure(Exception):
    pass


def aws(operation, **options):
    """Runs one command and returns its JSON."""
    words = AWS + [operation, "--output", "json"]
    if "ENDPOINT" in os.environ:
        words += ["--endpoint-url", os.environ["ENDPOINT"]]
    for name, value in options.items():
        words += ["--" + name.replace("_", "-"), value if isinstance(value, str) else json.dumps(value)]
    ran = subprocess.run(words, capture_output=True, text=True)
    if ran.returncode != 0:
        kind = re.search(r"\((\w+)\) when calling", ran.stderr)
        raise Failure(kind.group(1) if kind else ran.stderr.strip()[-300:])
    return json.loads(ran.stdout) if ran.stdout.strip() else {}


def known():
    """The operations that this version has."""
    ran = subprocess.run(AWS + ["nothing"], capture_output=True, text=True)
    return set(re.findall(r"[a-z]+(?:-[a-z]+)+", ran.stderr))


def step(name, call, expect=None):
    """Makes one call and prints what came of it; an operation that this version lacks is left out. expect names the error that it must have."""
    global failed
    if name in ALL and name not in KNOWN:
        print("left", name, "this version has it not", flush=True)
        return None
    began = time.monotonic()
    try:
        answer, error = call(), None
    except Exception as e:
        answer, error = None, str(e)
    good = error == expect
    failed = failed or not good
    print("ok  " if good else "FAIL", name, f"{time.monotonic() - began:.2f}s", error or "", flush=True)
    return answer


ALL = set("""cancel-job-run create-application delete-application get-application get-dashboard-for-job-run get-job-run
get-resource-dashboard get-session get-session-endpoint list-applications list-job-run-attempts list-job-runs list-sessions
list-tags-for-resource start-application start-job-run start-session stop-application tag-resource terminate-session
untag-resource update-application""".split())


def until(get, want, within=300):
    end = time.monotonic() + within
    while True:
        state = get()
        if state == want:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"{state} after {within} s, not {want}")
        time.sleep(0.25)


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def main(entry_point, argument):
    created = step("create-application", lambda: aws(
        "create-application", name="cli", release_label="emr-7.2.0", type="SPARK", tags={"made": "by the CLI"},
        maximum_capacity={"cpu": "16vCPU", "memory": "64GB"}))
    app, arn = created["applicationId"], created["arn"]
    state = lambda: aws("get-application", application_id=app)["application"]["state"]
    run_state = lambda run: aws("get-job-run", application_id=app, job_run_id=run)["jobRun"]["state"]
    step("wait-created", lambda: until(state, "CREATED"))
    step("list-applications", lambda: holds(
        app in [a["id"] for a in aws("list-applications", states="CREATED", page_size="1")["applications"]], "the application is not listed"))
    step("tag-resource", lambda: aws("tag-resource", resource_arn=arn, tags={"team": "data"}))
    step("untag-resource", lambda: aws("untag-resource", resource_arn=arn, tag_keys="made"))
    step("list-tags-for-resource", lambda: holds(aws("list-tags-for-resource", resource_arn=arn)["tags"] == {"team": "data"}, "other tags"))
    step("update-application", lambda: aws("update-application", application_id=app,
                                           auto_stop_configuration={"enabled": True, "idleTimeoutMinutes": 5}))
    step("start-application", lambda: aws("start-application", application_id=app))
    step("wait-started", lambda: until(state, "STARTED"))
    submit = dict(application_id=app, execution_role_arn=ROLE, job_driver={"sparkSubmit": {
        "entryPoint": entry_point, "entryPointArguments": [argument], "sparkSubmitParameters":
        "--conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.driver.cores=1 --conf spark.driver.memory=1g "
        "--conf spark.executor.instances=1"}})
    run = step("start-job-run", lambda: aws("start-job-run", name="word count", **submit))["jobRunId"]
    step("wait-success", lambda: until(lambda: run_state(run), "SUCCESS"))
    step("get-job-run", lambda: holds(
        aws("get-job-run", application_id=app, job_run_id=run)["jobRun"]["totalResourceUtilization"]["vCPUHour"] > 0, "it used nothing"))
    step("list-job-runs", lambda: holds([r["id"] for r in aws("list-job-runs", application_id=app)["jobRuns"]] == [run], "other runs"))
    step("list-job-run-attempts", lambda: holds(
        len(aws("list-job-run-attempts", application_id=app, job_run_id=run)["jobRunAttempts"]) == 1, "other attempts"))
    step("get-dashboard-for-job-run", lambda: aws("get-dashboard-for-job-run", application_id=app, job_run_id=run)["url"])
    second = step("start-second-job-run", lambda: aws("start-job-run", name="second", **submit))["jobRunId"]
    step("cancel-job-run", lambda: aws("cancel-job-run", application_id=app, job_run_id=second))
    step("wait-cancelled", lambda: until(lambda: run_state(second), "CANCELLED"))
    step("start-session", lambda: aws("start-session", application_id=app, execution_role_arn=ROLE), "ValidationException")
    step("list-sessions", lambda: holds(aws("list-sessions", application_id=app)["sessions"] == [], "there are sessions"))
    for name in ("get-session", "get-session-endpoint", "terminate-session"):
        step(name, lambda name=name: aws(name, application_id=app, session_id="00none"), "ResourceNotFoundException")
    step("get-resource-dashboard", lambda: aws("get-resource-dashboard", application_id=app, resource_id="00none", resource_type="SESSION"),
         "ResourceNotFoundException")
    step("stop-application", lambda: aws("stop-application", application_id=app))
    step("wait-stopped", lambda: until(state, "STOPPED"))
    step("delete-application", lambda: aws("delete-application", application_id=app))
    step("get-application", lambda: holds(state() == "TERMINATED", "it is not terminated"))


KNOWN = known()
main(sys.argv[1], sys.argv[2])
sys.exit(failed)
