"""Writes event logs of any size: the small one of the program that calls it, with its jobs again and again.

SIZES is a list of NAME=MIB, NAME=MIB/PART_MIB for a log in parts, and NAME=MIB/PART_MIB/KEPT for one of which only the
first part and the newest KEPT are there. Each log's name and its number of jobs are printed.
"""

import glob
import json
import os
from urllib.parse import urlparse

MIB = 1 << 20


def write(folder, sizes):
    folder = urlparse(folder).path
    events = own(folder)
    for one in sizes.split(","):
        name, _, rest = one.partition("=")
        size, part, kept = ([float(n) for n in rest.split("/")] + [0, 0])[:3]
        log = Parts(folder, name, part * MIB) if part else File(folder, name)
        jobs = repeat(events, name, size * MIB, log)
        log.end()
        if kept:
            log.drop(int(kept))
        print(name, jobs, flush=True)


def own(folder):
    """The events of the log that is there."""
    [path] = glob.glob(os.path.join(folder, "eventlog_v2_*", "events_1_*"))
    with open(path) as file:
        return [json.loads(line) for line in file]


def repeat(events, name, size, log):
    """Writes the events with the jobs repeated, until there are as many bytes; returns the number of jobs."""
    first = next(i for i, event in enumerate(events) if "Job ID" in event)
    last = max(i for i, event in enumerate(events) if "Job ID" in event)
    body = events[first : last + 1]
    step = Step(body)
    for event in events[:first]:
        if "App ID" in event:
            event = {**event, "App ID": name, "App Name": name}
        log.add(event)
    times = 0
    while log.bytes < size:
        for event in body:
            log.add(step.shift(event, times))
        times += 1
    for event in events[last + 1 :]:
        log.add(event)
    return times * step.jobs


class Step:
    """By how much the numbers of jobs, stages and tasks grow from one repetition to the next."""

    def __init__(self, body):
        self.jobs = 1 + max(event["Job ID"] for event in body if "Job ID" in event)
        self.stages = 1 + max(event["Stage ID"] for event in body if "Stage ID" in event)
        self.tasks = 1 + max(event["Task Info"]["Task ID"] for event in body if "Task Info" in event)

    def shift(self, event, times):
        event = json.loads(json.dumps(event))
        stages = event.get("Stage Infos", []) + [event[key] for key in ["Stage Info"] if key in event]
        if "Job ID" in event:
            event["Job ID"] += times * self.jobs
        if "Stage IDs" in event:
            event["Stage IDs"] = [stage + times * self.stages for stage in event["Stage IDs"]]
        for holder in [event] + stages:
            if "Stage ID" in holder:
                holder["Stage ID"] += times * self.stages
            if "Parent IDs" in holder:
                holder["Parent IDs"] = [parent + times * self.stages for parent in holder["Parent IDs"]]
        if "Task Info" in event:
            event["Task Info"]["Task ID"] += times * self.tasks
        return event


class File:
    """A log in one file."""

    def __init__(self, folder, name):
        self.bytes = 0
        self.file = open(os.path.join(folder, name + "_1"), "w")

    def add(self, event):
        line = json.dumps(event, separators=(",", ":")) + "\n"
        self.file.write(line)
        self.bytes += len(line)

    def end(self):
        self.file.close()


class Parts(File):
    """A log in parts of a size."""

    def __init__(self, folder, name, size):
        self.bytes = 0
        self.size = size
        self.name = name
        self.folder = os.path.join(folder, f"eventlog_v2_{name}_1")
        self.index = 1
        os.mkdir(self.folder)
        self.file = open(self.part(1), "w")

    def part(self, index):
        return os.path.join(self.folder, f"events_{index}_{self.name}_1")

    def add(self, event):
        if self.bytes >= self.index * self.size:
            self.file.close()
            self.index += 1
            self.file = open(self.part(self.index), "w")
        super().add(event)

    def end(self):
        super().end()
        open(os.path.join(self.folder, f"appstatus_{self.name}_1"), "w").close()

    def drop(self, kept):
        for index in range(2, self.index - kept + 1):
            os.remove(self.part(index))
