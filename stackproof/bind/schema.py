"""The shape of a manifest, for msgspec: an unknown key is an error."""

from __future__ import annotations

from typing import Any

import msgspec


class EnvironmentSpec(msgspec.Struct, forbid_unknown_fields=True):
    """An entry of ``environments``."""

    branch: str
    protected: bool = False
    region: str | None = None
    account: str | int | None = None


class LayerSpec(msgspec.Struct, forbid_unknown_fields=True):
    """An entry of ``layers``; values are checked against the template when they are bound."""

    template: str
    region: str | None = None
    environments: list[str] | None = None
    parameters: dict[str, Any] = {}


class ManifestSpec(msgspec.Struct, forbid_unknown_fields=True):
    """A whole manifest."""

    system: str
    region: str
    environments: dict[str, EnvironmentSpec]
    layers: dict[str, LayerSpec]
    description: str = ""


KEYS = tuple(name for struct in (ManifestSpec, EnvironmentSpec, LayerSpec) for name in struct.__struct_fields__)
