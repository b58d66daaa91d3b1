"""The base class of settings: immutable objects with checked types, from a program or from the JSON of a context.

It uses msgspec and not pydantic, because only importing pydantic makes a synth of one engine 15 % longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
from msgspec import Struct, field

from cdktf_mesos.errors import invalid
from stacks.explained import KIND, explained, kind_of, objects_in, setting_names, unknown

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Any:
        """A stand-in at run time: only type checkers need the real one."""
        return lambda decorated: decorated


S = TypeVar("S", bound="Settings")


class SettingsMeta(msgspec.StructMeta):
    """The metaclass of settings: it makes them immutable and keyword-only, and checks the types of their arguments."""

    def __new__(  # noqa: D102
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any
    ) -> SettingsMeta:
        defaults = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True}
        return super().__new__(mcs, name, bases, namespace, **{**defaults, **config})

    if not TYPE_CHECKING:

        def __call__(cls, **arguments: Any) -> Any:
            """Make an object of settings. The types are checked as for JSON; msgspec's own constructor checks none."""
            return _converted(cls, arguments, cls.__name__)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Settings(Struct, metaclass=SettingsMeta, frozen=True):
    """The base class of all settings. A subclass checks in `__post_init__` what its types cannot express.

    Raises:
        ValueError: a name is unknown, a value has the wrong type, or the class itself refuses it, such as
            `Cluster: wait_seconds is invalid: '60'. Use a whole number`.
    """

    # The new places of settings, by the names that users may know.
    moved: ClassVar[Mapping[str, str]] = {}

    def overridden(self: S, context: object, path: str) -> S:
        """The same settings, with those of a JSON object in place of their own.

        A JSON object overrides single settings of an object. An object of another `kind`, a list or a map replaces the
        whole value.

        Args:
            context: the JSON object.
            path: its path in cdktf.json, for messages.

        Raises:
            ValueError: as for the class, with the path: `cdktf.json: context.cluster.platform.agents is invalid: '3'.
                …`.
        """
        if not isinstance(context, dict):
            raise invalid("cdktf.json", path, context, "Use an object of settings")
        merged = _merged(self, context)
        # For a dataclass, such as a machine, msgspec accepts unknown names.
        for owner, cls, value in objects_in(type(self), merged, ""):
            for name in value:
                if name not in (*setting_names(cls), KIND):
                    raise unknown("cdktf.json", f"{path}{owner}.{name}", value[name], cls, name)
        return _converted(type(self), merged, "cdktf.json", path)


def _merged(program: Settings, context: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a program, overridden by those of a context."""
    kind = kind_of(type(program))
    if context.get(KIND, kind) != kind:
        return dict(context)
    merged = {name: getattr(program, name) for name in setting_names(type(program))}
    for name, value in context.items():
        own = merged.get(name)
        merged[name] = _merged(own, value) if isinstance(own, Settings) and isinstance(value, dict) else value
    return {**merged, KIND: kind} if kind else merged


def _converted(cls: type[S], values: Mapping[str, Any], where: str, prefix: str = "") -> S:
    try:
        return msgspec.convert(values, cls)
    except msgspec.ValidationError as error:
        if error.__cause__ is not None:
            # An error of a `__post_init__` names its setting itself.
            raise ValueError(str(error.__cause__)) from None
        problem, _, path = str(error).partition(" - at `$")
        raise explained(cls, values, problem, path.removesuffix("`"), where, prefix) from None
