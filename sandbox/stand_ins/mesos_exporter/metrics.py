"""The metrics of mesos_exporter 1.1.2 that docs/monitoring uses, and where their values come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

Snapshot = Mapping[str, float]


class Metric(NamedTuple):
    """A metric: its name, its type in Prometheus, the label that distinguishes its values, and each value's source."""

    name: str
    kind: str
    label: str
    values: Mapping[str, str | Callable[[Snapshot], float]]


def _resource(program: str, name: str) -> Metric:
    """CPUs, memory or disk. `free` is computed by the exporter."""
    used, total = f"{program}/{name}_used", f"{program}/{name}_total"
    values: dict[str, str | Callable[[Snapshot], float]] = {
        "percent": f"{program}/{name}_percent",
        "total": total,
        "free": lambda found: found.get(total, 0) - found.get(used, 0),
        "used": used,
    }
    return Metric(f"mesos_{program}_{name}", "gauge", "type", values)


def _single(name: str, source: str, kind: str = "gauge") -> Metric:
    return Metric(name, kind, "", {"": source})


def _keys(prefix: str, *names: str, **others: str) -> dict[str, str | Callable[[Snapshot], float]]:
    return {**{name: prefix + name for name in names}, **{name: prefix + key for name, key in others.items()}}


MASTER = (
    *(_resource("master", name) for name in ("cpus", "mem", "disk")),
    _single("mesos_master_elected", "master/elected"),
    _single("mesos_master_uptime_seconds", "master/uptime_secs"),
    Metric(
        "mesos_master_slaves_state",
        "gauge",
        "state",
        _keys(
            "master/slaves_",
            "unreachable",
            connected_active="active",
            connected_inactive="inactive",
            disconnected_inactive="disconnected",
        ),
    ),
    Metric(
        "mesos_master_task_states_exit_total",
        "counter",
        "state",
        _keys("master/tasks_", "dropped", "failed", "finished", "gone_by_operator", "gone", "killed", "lost")
        | {"errored": "master/tasks_error"},
    ),
    Metric(
        "mesos_master_task_states_current",
        "gauge",
        "state",
        _keys("master/tasks_", "killing", "running", "staging", "starting", "unreachable"),
    ),
    _single("mesos_registrar_log_recovered", "registrar/log/recovered"),
)

SLAVE = (
    *(_resource("slave", name) for name in ("cpus", "mem", "disk")),
    _single("mesos_slave_registered", "slave/registered"),
    _single("mesos_slave_uptime_seconds", "slave/uptime_secs"),
    _single("mesos_slave_recovery_errors", "slave/recovery_errors", "counter"),
    Metric(
        "mesos_slave_task_states_exit_total",
        "counter",
        "state",
        _keys("slave/tasks_", "failed", "finished", "gone", "killed", "lost") | {"errored": "slave/tasks_error"},
    ),
)


def text(metrics: tuple[Metric, ...], snapshot: Snapshot, errors: int) -> str:
    """The metrics in Prometheus's text format.

    Args:
        metrics: `MASTER` or `SLAVE`.
        snapshot: the values of `/metrics/snapshot`; empty if there was no answer.
        errors: how often there was none.
    """
    collector = Metric("mesos_collector_errors_total", "counter", "", {"": lambda _: errors})
    return "\n".join(line for metric in (*metrics, collector) for line in _lines(metric, snapshot)) + "\n"


def _lines(metric: Metric, snapshot: Snapshot) -> Iterator[str]:
    yield f"# TYPE {metric.name} {metric.kind}"
    for value, source in metric.values.items():
        labels = f'{{{metric.label}="{value}"}}' if metric.label else ""
        number = snapshot.get(source, 0) if isinstance(source, str) else source(snapshot)
        yield f"{metric.name}{labels} {float(number)}"
