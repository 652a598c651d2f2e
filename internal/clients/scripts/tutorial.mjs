// The tutorial with the AWS SDK for JavaScript: every operation once, with a real Spark job. Prints a line per operation.
//
//     node tutorial.mjs ENTRY_POINT ARGUMENT
//
// The endpoint and credentials come from the environment, as anybody sets them.
import * as emr from "@aws-sdk/client-emr-serverless";
import { gunzipSync } from "node:zlib";

const role = "arn:aws:iam::000000000000:role/default";
const client = new emr.EMRServerlessClient({});
const [entryPoint, argument] = process.argv.slice(2);
let failed = false;

// step makes one call and prints what came of it; expect names the error that it must have.
async function step(name, call, expect = "") {
  const began = Date.now();
  let answer, error = "";
  try {
    answer = await call();
  } catch (e) {
    error = e.$metadata ? e.name : `${e.name}: ${e.message}`;
  }
  const good = error === expect;
  failed ||= !good;
  console.log(good ? "ok  " : "FAIL", name, `${((Date.now() - began) / 1000).toFixed(2)}s`, error);
  return answer;
}

function holds(condition, what) {
  if (!condition) throw new Error(what);
}

const send = (command, input) => client.send(new emr[`${command}Command`](input));

// until asks every quarter of a second until the state is that one.
async function until(get, want, within = 300_000) {
  for (const end = Date.now() + within; ;) {
    const state = await get();
    if (state === want) return;
    if (Date.now() > end) throw new Error(`${state} after ${within / 1000} s, not ${want}`);
    await new Promise((done) => setTimeout(done, 250));
  }
}

const created = await step("create-application", () => send("CreateApplication", {
  name: "javascript", releaseLabel: "emr-7.2.0", type: "SPARK", tags: { made: "by JavaScript" }, maximumCapacity: { cpu: "16vCPU", memory: "64GB" },
}));
const { applicationId, arn: resourceArn } = created;
const applicationState = async () => (await send("GetApplication", { applicationId })).application.state;
await step("wait-created", () => until(applicationState, "CREATED"));
await step("list-applications", async () => {
  const found = [];
  for await (const page of emr.paginateListApplications({ client, pageSize: 1 }, { states: ["CREATED"] })) found.push(...page.applications);
  holds(found.some((a) => a.id === applicationId && a.createdAt instanceof Date), "the application is not listed");
});
await step("tag-resource", () => send("TagResource", { resourceArn, tags: { team: "data" } }));
await step("untag-resource", () => send("UntagResource", { resourceArn, tagKeys: ["made"] }));
await step("list-tags-for-resource", async () => {
  const { tags } = await send("ListTagsForResource", { resourceArn });
  holds(JSON.stringify(tags) === '{"team":"data"}', `the tags are ${JSON.stringify(tags)}`);
});
await step("update-application", () => send("UpdateApplication", { applicationId, autoStopConfiguration: { enabled: true, idleTimeoutMinutes: 5 } }));
await step("start-application", () => send("StartApplication", { applicationId }));
await step("wait-started", () => until(applicationState, "STARTED"));
const submission = {
  applicationId, executionRoleArn: role, name: "word count", clientToken: `once-${applicationId}`,
  jobDriver: { sparkSubmit: { entryPoint, entryPointArguments: [argument], sparkSubmitParameters:
    "--conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.driver.cores=1 --conf spark.driver.memory=1g --conf spark.executor.instances=1" } },
};
const { jobRunId } = await step("start-job-run", () => send("StartJobRun", submission));
const runState = async (id) => (await send("GetJobRun", { applicationId, jobRunId: id })).jobRun.state;
await step("start-job-run-again", async () => holds((await send("StartJobRun", submission)).jobRunId === jobRunId, "a second run"));
await step("start-job-run-other", () => send("StartJobRun", { ...submission, name: "other" }), "ConflictException");
await step("wait-success", () => until(() => runState(jobRunId), "SUCCESS"));
await step("get-job-run", async () => {
  const { jobRun } = await send("GetJobRun", { applicationId, jobRunId });
  holds(jobRun.totalResourceUtilization.vCPUHour > 0 && jobRun.updatedAt instanceof Date, "it used nothing");
});
await step("list-job-runs", async () => {
  const { jobRuns } = await send("ListJobRuns", { applicationId, states: ["SUCCESS"], createdAtAfter: new Date(Date.now() - 3600_000) });
  holds(jobRuns.length === 1 && jobRuns[0].id === jobRunId, "other runs");
});
await step("list-job-run-attempts", async () => {
  const { jobRunAttempts } = await send("ListJobRunAttempts", { applicationId, jobRunId });
  holds(jobRunAttempts.length === 1 && jobRunAttempts[0].attempt === 1, "other attempts");
});
const { url } = await step("get-dashboard-for-job-run", () => send("GetDashboardForJobRun", { applicationId, jobRunId }));
await step("log-of-the-driver", async () => {
  const at = new URL(url);
  at.pathname = "/logs/SPARK_DRIVER/stdout.gz";
  const answer = await fetch(at, { headers: { "accept-encoding": "identity" } });
  holds(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString().includes("words in all"), "the log is another one");
});
const second = await step("start-second-job-run", () => send("StartJobRun", { ...submission, clientToken: `twice-${applicationId}`, name: "second" }));
await step("cancel-job-run", () => send("CancelJobRun", { applicationId, jobRunId: second.jobRunId }));
await step("wait-cancelled", () => until(() => runState(second.jobRunId), "CANCELLED"));
await step("start-session", () => send("StartSession", { applicationId, executionRoleArn: role }), "ValidationException");
await step("list-sessions", async () => holds((await send("ListSessions", { applicationId })).sessions.length === 0, "there are sessions"));
for (const operation of ["GetSession", "GetSessionEndpoint", "TerminateSession"]) {
  const name = operation.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
  await step(name, () => send(operation, { applicationId, sessionId: "00none" }), "ResourceNotFoundException");
}
await step("get-resource-dashboard", () => send("GetResourceDashboard", { applicationId, resourceId: "00none", resourceType: "SESSION" }), "ResourceNotFoundException");
await step("stop-application", () => send("StopApplication", { applicationId }));
await step("wait-stopped", () => until(applicationState, "STOPPED"));
await step("delete-application", () => send("DeleteApplication", { applicationId }));
await step("get-application", async () => holds(await applicationState() === "TERMINATED", "it is not terminated"));
await step("invalid-name", () => send("CreateApplication", { name: "no spaces", releaseLabel: "emr-7.2.0", type: "SPARK" }), "ValidationException");
process.exit(failed ? 1 : 0);
