"""The tutorial with boto3: every operation once, with a real Spark job. Prints a line per operation.

    python tutorial.py ENTRY_POINT ARGUMENT

The endpoint and credentials come from the environment, as anybody sets them.
"""

import gzip
import sys
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/default"
client = boto3.client("emr-serverless")
failed = False


def step(name, call, expect=None):
    """Makes one call and prints what came of it; expect names the error that it must have."""
    global failed
    began = time.monotonic()
    try:
        answer, error = call(), None
    except ClientError as e:
        answer, error = None, e.response["Error"]["Code"]
    except Exception as e:
        answer, error = None, f"{type(e).__name__}: {e}"
    good = error == expect
    failed = failed or not good
    took = time.monotonic() - began
    print("ok  " if good else "FAIL", name, f"{took:.2f}s", error or "", flush=True)
    return answer


def until(get, states, within=300):
    """Asks every quarter of a second until the state is one of those."""
    end = time.monotonic() + within
    while True:
        state, details = get()
        if state in states:
            return state
        if time.monotonic() > end:
            raise TimeoutError(f"{state} ({details}) after {within} s, not {states}")
        time.sleep(0.25)


def application_state(app):
    a = client.get_application(applicationId=app)["application"]
    return a["state"], a.get("stateDetails")


def run_state(app, run):
    r = client.get_job_run(applicationId=app, jobRunId=run)["jobRun"]
    return r["state"], r["stateDetails"]


def log_of(url):
    page, _, query = url.partition("?")
    host = "/".join(page.split("/")[:3])
    with urllib.request.urlopen(f"{host}/logs/SPARK_DRIVER/stdout.gz?{query}") as answer:
        return gzip.decompress(answer.read()).decode()


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def main(entry_point, argument):
    created = step("create-application", lambda: client.create_application(
        name="boto3", releaseLabel="emr-7.2.0", type="SPARK", tags={"made": "by boto3"},
        maximumCapacity={"cpu": "16vCPU", "memory": "64GB"}))
    app, arn = created["applicationId"], created["arn"]
    step("wait-created", lambda: until(lambda: application_state(app), {"CREATED"}))
    step("list-applications", lambda: holds(
        app in [a["id"] for page in client.get_paginator("list_applications").paginate(states=["CREATED"]) for a in page["applications"]],
        "the application is not listed"))
    step("tag-resource", lambda: client.tag_resource(resourceArn=arn, tags={"team": "data & co".replace("&", "and")}))
    step("untag-resource", lambda: client.untag_resource(resourceArn=arn, tagKeys=["made"]))
    step("list-tags-for-resource", lambda: holds(
        client.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "data and co"}, "other tags"))
    step("update-application", lambda: client.update_application(
        applicationId=app, autoStopConfiguration={"enabled": True, "idleTimeoutMinutes": 5}))
    step("start-application", lambda: client.start_application(applicationId=app))
    step("wait-started", lambda: until(lambda: application_state(app), {"STARTED"}))
    submit = dict(
        applicationId=app, executionRoleArn=ROLE, name="word count", clientToken="once",
        jobDriver={"sparkSubmit": {"entryPoint": entry_point, "entryPointArguments": [argument], "sparkSubmitParameters":
                   "--conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.driver.cores=1 "
                   "--conf spark.driver.memory=1g --conf spark.executor.instances=1"}})
    run = step("start-job-run", lambda: client.start_job_run(**submit))["jobRunId"]
    step("start-job-run-again", lambda: holds(client.start_job_run(**submit)["jobRunId"] == run, "a second run"))
    step("start-job-run-other", lambda: client.start_job_run(**dict(submit, name="other")), "ConflictException")
    step("wait-success", lambda: until(lambda: run_state(app, run), {"SUCCESS"}))
    step("get-job-run", lambda: holds(
        client.get_job_run(applicationId=app, jobRunId=run)["jobRun"]["totalResourceUtilization"]["vCPUHour"] > 0, "it used nothing"))
    step("list-job-runs", lambda: holds(
        [r["id"] for r in client.list_job_runs(applicationId=app, states=["SUCCESS"], createdAtAfter=time.time() - 3600)["jobRuns"]] == [run],
        "other runs"))
    step("list-job-run-attempts", lambda: holds(
        [a["attempt"] for a in client.list_job_run_attempts(applicationId=app, jobRunId=run)["jobRunAttempts"]] == [1], "other attempts"))
    url = step("get-dashboard-for-job-run", lambda: client.get_dashboard_for_job_run(applicationId=app, jobRunId=run))["url"]
    step("log-of-the-driver", lambda: holds("words in all" in log_of(url), "the log is another one"))
    second = step("start-second-job-run", lambda: client.start_job_run(**dict(submit, clientToken="twice", name="second")))["jobRunId"]
    step("cancel-job-run", lambda: client.cancel_job_run(applicationId=app, jobRunId=second))
    step("wait-cancelled", lambda: until(lambda: run_state(app, second), {"CANCELLED"}))
    sessions(app)
    step("stop-application", lambda: client.stop_application(applicationId=app))
    step("wait-stopped", lambda: until(lambda: application_state(app), {"STOPPED"}))
    step("delete-application", lambda: client.delete_application(applicationId=app))
    step("get-application", lambda: holds(application_state(app)[0] == "TERMINATED", "it is not terminated"))
    step("unknown-application", lambda: client.get_application(applicationId="00unknown"), "ResourceNotFoundException")
    step("invalid-name", lambda: client.create_application(name="no spaces", releaseLabel="emr-7.2.0", type="SPARK"), "ValidationException")


def sessions(app):
    """What is asked of sessions, which are not there yet."""
    step("start-session", lambda: client.start_session(applicationId=app, executionRoleArn=ROLE), "ValidationException")
    step("list-sessions", lambda: holds(client.list_sessions(applicationId=app)["sessions"] == [], "there are sessions"))
    step("get-session", lambda: client.get_session(applicationId=app, sessionId="00none"), "ResourceNotFoundException")
    step("get-session-endpoint", lambda: client.get_session_endpoint(applicationId=app, sessionId="00none"), "ResourceNotFoundException")
    step("terminate-session", lambda: client.terminate_session(applicationId=app, sessionId="00none"), "ResourceNotFoundException")
    step("get-resource-dashboard", lambda: client.get_resource_dashboard(
        applicationId=app, resourceId="00none", resourceType="SESSION"), "ResourceNotFoundException")


main(sys.argv[1], sys.argv[2])
sys.exit(failed)
