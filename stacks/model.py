"""Settings: immutable objects whose types are checked, also when they come from the JSON of a context.

msgspec and not pydantic, as the import of pydantic alone makes a synth of one engine 15 % longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
from msgspec import Struct, field

from stacks.explained import KIND, explained, kind_of, objects_in, setting_names, unknown

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Any:
        """Only type checkers need it."""
        return lambda decorated: decorated


S = TypeVar("S", bound="Settings")


class SettingsMeta(msgspec.StructMeta):
    """Makes classes of settings: immutable, with keywords only, and checked when they are called."""

    def __new__(  # noqa: D102
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any
    ) -> SettingsMeta:
        defaults = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True}
        return super().__new__(mcs, name, bases, namespace, **{**defaults, **config})

    if not TYPE_CHECKING:

        def __call__(cls, **arguments: Any) -> Any:
            """What the arguments say, checked like an object of JSON: msgspec's own constructor checks no types."""
            return _converted(cls, arguments, cls.__name__)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Settings(Struct, metaclass=SettingsMeta, frozen=True):
    """What all settings have in common. A subclass checks in `__post_init__` what its types do not say.

    Raises:
        ValueError: an unknown name, a value of the wrong type, or what the class itself refuses, as
            `Cluster: wait_seconds='60': a whole number`.
    """

    # Where a setting is now that users know by another name, by the old name.
    moved: ClassVar[Mapping[str, str]] = {}

    def overridden(self: S, context: object, path: str) -> S:
        """The same settings with what a JSON object says instead.

        An object overrides single settings of an object. One of another `kind` replaces it; so does a list or a map.

        Args:
            context: the JSON object.
            path: where it stands in cdktf.json, for messages.

        Raises:
            ValueError: as for the class, with the path: `cdktf.json: context.cluster.platform.agents='3': a whole …`.
        """
        if not isinstance(context, dict):
            raise ValueError(f"cdktf.json: {path}={context!r}: an object of settings")
        where = f"cdktf.json: {path}"
        merged = _merged(self, context)
        # msgspec takes any name for a dataclass, such as a machine.
        for owner, cls, value in objects_in(type(self), merged, ""):
            for name in value:
                if name not in (*setting_names(cls), KIND):
                    raise unknown(f"{where}{owner}.{name}", value[name], cls, name)
        return _converted(type(self), merged, where, "")


def _merged(program: Settings, context: Mapping[str, Any]) -> dict[str, Any]:
    """What a program says, with what a context says instead."""
    kind = kind_of(type(program))
    if context.get(KIND, kind) != kind:
        return dict(context)
    said = {name: getattr(program, name) for name in setting_names(type(program))}
    for name, value in context.items():
        own = said.get(name)
        said[name] = _merged(own, value) if isinstance(own, Settings) and isinstance(value, dict) else value
    return {**said, KIND: kind} if kind else said


def _converted(cls: type[S], values: Mapping[str, Any], where: str, colon: str = ": ") -> S:
    try:
        return msgspec.convert(values, cls)
    except msgspec.ValidationError as error:
        if error.__cause__ is not None:
            # What a `__post_init__` refuses says itself where it is.
            raise ValueError(str(error.__cause__)) from None
        problem, _, path = str(error).partition(" - at `$")
        raise explained(cls, values, problem, path.removesuffix("`"), where, colon) from None
