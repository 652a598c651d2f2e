// Package process is the engine that runs any program, as a driver or a numbered task.
//
// The program is told who it is in HEADRACE_ROLE (driver or task), HEADRACE_TASK_INDEX (from 1; 0 for the driver),
// HEADRACE_TASK_COUNT, HEADRACE_ATTEMPT, HEADRACE_EPOCH, HEADRACE_JOB_RUN_ID, HEADRACE_APPLICATION_ID,
// HEADRACE_DRIVER_HOST (empty for the driver) and HEADRACE_WORKER_ID. It has its home as HOME, a TMPDIR of its own, and
// a small usual PATH unless the run says another one. A program that is not there, or may not be executed, is refused
// before anything starts.
package process
