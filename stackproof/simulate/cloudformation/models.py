"""moto's way in: the backend of one account in one region."""

from __future__ import annotations

from typing import Any

from moto.cloudformation import models as _models
from moto.utilities.utils import get_partition

from stackproof.simulate.cloudformation.region import Region

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models


class CloudFormationBackend(models.CloudFormationBackend):  # type: ignore[misc]
    """moto's backend, whose stacks are ours; its stack sets stay moto's."""

    place_of: Any = None
    """Gives a `Place` for account, region and partition; set while a simulation runs."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._region: Region | None = None

    @property
    def region(self) -> Region:
        """The region's stacks, made when they are first asked for."""
        if self._region is None:
            place = type(self).place_of(self.account_id, self.region_name, get_partition(self.region_name))
            self._region = Region(place)
        return self._region
