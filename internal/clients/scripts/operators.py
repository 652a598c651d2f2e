"""Airflow's own operators and sensors for EMR Serverless, run one after another outside of a DAG, with a real Spark job. Prints a line
per operator.

    python operators.py ENTRY_POINT ARGUMENT

The endpoint comes from the connection in the environment. Waiters ask every second.
"""

import sys
import time

import airflow
from airflow.providers.amazon.aws.operators.emr import (
    EmrServerlessCreateApplicationOperator,
    EmrServerlessDeleteApplicationOperator,
    EmrServerlessStartJobOperator,
    EmrServerlessStopApplicationOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrServerlessApplicationSensor, EmrServerlessJobSensor

ROLE = "arn:aws:iam::000000000000:role/default"
SPARK = ("--conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.driver.cores=1 --conf spark.driver.memory=1g "
         "--conf spark.executor.instances=1")
WAIT = {"waiter_delay": 1, "waiter_max_attempts": 300}
failed = False


class TaskInstance:
    """What operators want of their surroundings."""

    def xcom_push(self, *args, **kwargs):
        pass


def step(name, make, expect=None):
    """Executes one operator and prints what came of it."""
    global failed
    began = time.monotonic()
    try:
        answer, error = make().execute({"ti": TaskInstance(), "task_instance": TaskInstance()}), None
    except Exception as e:
        answer, error = None, f"{type(e).__name__}: {e}"
    failed = failed or error is not None
    print("FAIL" if error else "ok  ", name, f"{time.monotonic() - began:.2f}s", error or "", flush=True)
    return answer


def main(entry_point, argument):
    print("# Airflow", airflow.__version__)
    app = step("EmrServerlessCreateApplicationOperator", lambda: EmrServerlessCreateApplicationOperator(
        task_id="create", release_label="emr-7.2.0", job_type="SPARK", config={"name": "airflow"}, **WAIT))
    step("EmrServerlessApplicationSensor", lambda: EmrServerlessApplicationSensor(task_id="started", application_id=app, poke_interval=1))
    driver = {"sparkSubmit": {"entryPoint": entry_point, "entryPointArguments": [argument], "sparkSubmitParameters": SPARK}}
    run = step("EmrServerlessStartJobOperator", lambda: EmrServerlessStartJobOperator(
        task_id="run", application_id=app, execution_role_arn=ROLE, job_driver=driver, name="word-count", enable_application_ui_links=False, **WAIT))
    step("EmrServerlessJobSensor", lambda: EmrServerlessJobSensor(task_id="ran", application_id=app, job_run_id=run, poke_interval=1))
    step("EmrServerlessStopApplicationOperator", lambda: EmrServerlessStopApplicationOperator(
        task_id="stop", application_id=app, force_stop=True, **WAIT))
    step("EmrServerlessDeleteApplicationOperator", lambda: EmrServerlessDeleteApplicationOperator(task_id="delete", application_id=app, **WAIT))


main(sys.argv[1], sys.argv[2])
sys.exit(failed)
