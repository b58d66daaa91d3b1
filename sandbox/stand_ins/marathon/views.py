"""The API's answers about apps, tasks and deployments, in Marathon's format."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .state import State
from .tasks import Task
from .times import timestamp

Json = dict[str, Any]


def app(state: State, definition: Json, with_tasks: bool) -> Json:
    """An app with the numbers of its tasks."""
    tasks = state.tasks_of(definition["id"])
    deployment = state.deployments.get(definition["id"])
    shown: Json = definition | {
        "ports": [port["port"] for port in definition["portDefinitions"]],
        "tasksRunning": sum(task.running for task in tasks),
        "tasksStaged": sum(not task.running for task in tasks),
        "tasksHealthy": 0,  # there are no health checks
        "tasksUnhealthy": 0,
        "deployments": [{"id": deployment["id"]}] if deployment else [],
    }
    if definition["id"] in state.failures:
        shown["lastTaskFailure"] = state.failures[definition["id"]]
    if with_tasks:
        shown["tasks"] = [task_of(task, definition) for task in tasks]
    return shown


def task(state: State, item: Task) -> Json:
    """A task. Its app may have been deleted."""
    return task_of(item, state.apps.get(item.app))


def task_of(item: Task, definition: Json | None) -> Json:
    """A task of an app with this definition."""
    return {
        "id": item.id,
        "appId": item.app,
        "slaveId": item.agent,
        "host": item.host,
        "ports": item.ports,
        "servicePorts": [port["port"] for port in definition["portDefinitions"]] if definition else [],
        "state": "TASK_KILLING" if item.killing else item.state,
        "stagedAt": timestamp(item.staged),
        "startedAt": timestamp(item.started) if item.started else None,
        "version": item.version,
        "localVolumes": [],
    }


def deployed(deployment: Json) -> Json:
    """The answer to a change."""
    return {"version": deployment["version"], "deploymentId": deployment["id"]}


def deployments(state: State) -> list[Json]:
    """The deployments that are not complete."""
    state.settle()
    shown = []
    for key, deployment in state.deployments.items():
        action = "ScaleApplication" if key in state.apps else "StopApplication"
        actions = [{"action": action, "app": key}]
        step: Json = {"steps": [{"actions": actions}], "currentActions": actions, "currentStep": 1, "totalSteps": 1}
        shown.append(deployment | step)
    return shown


def metrics(state: State, since: float) -> str:
    """The metrics that docs/monitoring uses, as PrometheusReporter.scala of Marathon 1.7 and later writes them.

    Args:
        state: the apps, tasks and deployments.
        since: when this instance began to lead, as `time.monotonic`.
    """
    state.settle()
    values = {
        "apps_active_gauge": len(state.apps),
        "deployments_active_gauge": len(state.deployments),
        "instances_running_gauge": sum(task.state == "TASK_RUNNING" for task in state.tasks.values()),
        "instances_staged_gauge": sum(task.state == "TASK_STAGING" for task in state.tasks.values()),
        "leadership_duration_gauge_seconds": int(time.monotonic() - since),
    }
    lines = (f"# TYPE marathon_{name} gauge\nmarathon_{name} {value}\n" for name, value in values.items())
    return "\n".join(lines)


def queue(state: State) -> Json:
    """Apps that wait for offers, and why their last offers did not suffice."""
    waiting = [
        {
            "app": definition,
            "count": plan.start,
            "delay": {"timeLeftSeconds": 0, "overdue": True},
            "processedOffersSummary": {"rejectSummaryLastOffers": _rejected(state.declined.get(definition["id"], {}))},
        }
        for _, definition, plan in state.plans()
        if definition and plan.start
    ]
    return {"queue": waiting}


def _rejected(declined: Mapping[str, int]) -> list[Json]:
    """Why offers did not suffice: for each reason, how many."""
    return [{"reason": reason, "declined": count, "processed": count} for reason, count in sorted(declined.items())]
