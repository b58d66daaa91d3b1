"""What a plan changes, and whether a pin explains it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cdktf_mesos.container.names import ADDED_BY_ENGINE, APP_LABEL, LABEL
from cdktf_mesos.operations.preview.plans import Plan
from cdktf_mesos.operations.synthesis import Stack

Action = Literal["none", "create", "update", "replace", "destroy", "forget"]
Cause = Literal["gone", "stopped", "failed"]
Kind = Literal["container", "preflight", "image", "output", "app", "other"]

_ACTIONS: dict[tuple[str, ...], Action] = {
    ("no-op",): "none",
    ("create",): "create",
    ("update",): "update",
    ("delete",): "destroy",
    ("forget",): "forget",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
}


@dataclass(frozen=True)
class Change:
    """What happens to one resource.

    Args:
        kind: the kind of resource. `preflight` is any container that only checks something: before a wave changes or,
            as a gate, after it. `app` is an app on Marathon, or the container that watches it.
        name: the name of the container or image, or the id of the app; for other resources, the address.
        address: the resource's address in its stack.
        host: the machine that it is on.
        action: what Terraform does.
        before: the image, before.
        after: the image, afterwards.
        attributes: the attributes that change, without the image. For environment and labels, only the names of their
            entries.
        cause: why it changes, if no attribute explains that: the container is `gone` from its engine or is `stopped`,
            or its last start `failed`.
    """

    kind: Kind
    name: str
    address: str
    host: str
    action: Action
    before: str | None = None
    after: str | None = None
    attributes: tuple[str, ...] = ()
    cause: Cause | None = None

    @property
    def repinned(self) -> bool:
        """Whether it gets another image."""
        return None not in (self.before, self.after) and self.before != self.after

    @property
    def unexplained(self) -> bool:
        """Whether the change ends something, or something has ended, without a changed pin as the reason."""
        # Every change replaces a preflight on purpose. An image stays on the host, or is pulled again.
        # The definition of an app has no pin.
        if self.kind in ("preflight", "image", "output", "app"):
            return False
        return self.cause == "gone" or (self.action in ("replace", "destroy", "forget") and not self.repinned)


def read_changes(stack: Stack, plan: Plan) -> list[Change]:
    """All resources of a plan, ordered by kind and name, including those that do not change."""
    document = plan.document
    drift = {each["address"]: each["change"] for each in document.get("resource_drift", [])}
    changes = [
        _change(stack, each, drift.get(each["address"], {}))
        for each in document.get("resource_changes", [])
        if tuple(each["change"]["actions"]) in _ACTIONS and each.get("mode") == "managed"
    ]
    changes += [
        Change("output", name, f"output.{name}", "", _ACTIONS[tuple(change["actions"])])
        for name, change in document.get("output_changes", {}).items()
    ]
    order = ("image", "preflight", "container", "app", "other", "output")
    return sorted(changes, key=lambda change: (order.index(change.kind), change.name))


def _change(stack: Stack, resource: Mapping[str, Any], drift: Mapping[str, Any]) -> Change:
    change, address = resource["change"], resource["address"]
    action, after = _ACTIONS[tuple(change["actions"])], change["after"] or {}
    gone = action == "create" and drift.get("actions") == ["delete"]
    before = (drift["before"] if gone else change["before"]) or {}
    kind = kind_of(resource["type"], after or before)
    image = {"container": "image", "preflight": "image", "image": "name"}.get(kind, "")
    if kind == "image" and action == "destroy" and before.get("keep_locally"):
        action = "forget"
    stopped = (
        kind in ("container", "app") and action == "update" and after.get("must_run") and not before.get("must_run")
    )
    failed = resource.get("action_reason") == "replace_because_tainted"
    return Change(
        kind=kind,
        name=address if kind == "other" else _name(after) or _name(before) or address,
        address=address,
        host=stack.host(address),
        action=action,
        before=before.get(image),
        after=after.get(image),
        attributes=tuple(_attributes(change, image)) if action in ("update", "replace") else (),
        cause="gone" if gone else "stopped" if stopped else "failed" if failed else None,
    )


def kind_of(resource: str, values: Mapping[str, Any]) -> Kind:
    """The kind of a resource, by its type and its values in a plan or a state."""
    if resource == "docker_image":
        return "image"
    if resource != "docker_container":
        return "app" if _app(values) else "other"
    labels = pairs(values.get("labels"))
    return "app" if APP_LABEL in labels else "preflight" if f"{LABEL}of" in labels else "container"


def _name(values: Mapping[str, Any]) -> Any:
    return values.get("name") or _app(values).get("id")


def _app(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition of the app that a `terraform_data` deploys; empty for other resources."""
    triggers = values.get("triggers_replace")
    app = triggers.get("app") if isinstance(triggers, Mapping) else None
    return app if isinstance(app, Mapping) else {}


def _attributes(change: Mapping[str, Any], image: str) -> Iterable[str]:
    """The attributes that change. One that is known only after the apply counts only if it forces a replacement."""
    before, after = change["before"], change["after"]
    names = {name for name, value in after.items() if _set(value) != _set(before.get(name))} - {*ADDED_BY_ENGINE}
    if len(change["actions"]) > 1:
        # In the plan of a new container, an attribute that the image or Docker sets is null. That counts as a change
        # only if it forces the replacement.
        names = {name for name in names if after[name]} | {str(path[0]) for path in change.get("replace_paths", [])}
    for name in sorted(names - {image}):
        inner: set[str] = set()
        if name in ("env", "labels"):
            old, new = pairs(before.get(name)), pairs(after.get(name))
            inner = {key for key in {*old, *new} if old.get(key) != new.get(key)}
        yield f"{name} ({', '.join(sorted(inner))})" if inner else name


def _set(value: Any) -> Any:
    """A value without what is not set in it: the provider writes that in several ways."""
    if isinstance(value, dict):
        return {key: found for key, each in value.items() if (found := _set(each))} or None
    if isinstance(value, list):
        return [_set(each) for each in value] or None
    return value or None


def pairs(items: Any) -> dict[str, str]:
    """Environment or labels, by name."""
    pairs = [(i["label"], i["value"]) if isinstance(i, dict) else i.partition("=")[::2] for i in items or []]
    return dict(pairs)
