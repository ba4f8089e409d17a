"""Status: how the stacks of a deployment stand."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.deployer import Deployer
from stackproof.deploy.drift import DriftUnknownError, drifted
from stackproof.deploy.patience import ExpiredError, patiently
from stackproof.deploy.request import stack_name
from stackproof.deploy.stacks import REVIEWED, Found

MISSING = "MISSING"
"""The status of a layer that has no stack."""

_WRONG = {
    MISSING: "there is no stack",
    REVIEWED: "never created: only previewed",
    "ROLLBACK_COMPLETE": "its creation failed and was rolled back",
    "UPDATE_ROLLBACK_COMPLETE": "the last update failed and was rolled back",
}
"""What is said of a status besides CloudFormation's own reason."""


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """How the stack of one layer stands.

    Attributes:
        region: where it is.
        status: CloudFormation's word, or ``MISSING``.
        reason: what is to be said of it; may be empty.
        changed: when it was last created or updated, as ``2026-11-21T10:53:35Z``; empty where there is no stack.
        protected: whether termination protection is on.
        urls: the outputs that are addresses, by name.
        drift: resources that were changed outside of CloudFormation, each with what differs; None where nobody asked.
        drift_unknown: why drift could not be found out; empty where it could, or nobody asked.
    """

    layer: str
    stack: str
    region: str
    status: str
    reason: str = ""
    changed: str = ""
    protected: bool = False
    urls: tuple[tuple[str, str], ...] = ()
    drift: tuple[str, ...] | None = None
    drift_unknown: str = ""

    @property
    def failed(self) -> bool:
        """True where the stack is not what a deployment leaves behind: missing, failed, rolled back."""
        return self.status in _WRONG or self.status.endswith(("_FAILED", "ROLLBACK_COMPLETE"))

    @property
    def good(self) -> bool:
        """True where nothing is wrong with the stack."""
        return not (self.failed or self.drift or self.drift_unknown)


def status(
    deployment: Deployment,
    client: Callable[[str], Any],
    *,
    drift: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    workers: int = 1,
    step: Callable[[str], None] = lambda _layer: None,
) -> tuple[LayerStatus, ...]:
    """Return how each layer stands, in deploy order.

    Parameters:
        deployment: what should stand.
        client: gives a boto3 client of CloudFormation in a region.
        drift: whether CloudFormation looks for changes made outside of it; that takes minutes.
        sleep: waits; takes seconds.
        workers: how many layers are looked at at the same time.
        step: hears of each layer that is done.

    Raises:
        DeployError: a stack cannot be looked at.
    """
    deployer = Deployer(deployment, client, sleep)

    def look(layer: str) -> LayerStatus:
        stack = deployment.stack(layer)
        found = deployer.run(layer).state()
        region = stack.context.region or ""
        shown = _shown(LayerStatus(layer, stack_name(stack), region, MISSING), found)
        if drift and found is not None and shown.status != REVIEWED and not found.busy:
            shown = _with_drift(shown, client(region), found.id, sleep)
        step(layer)
        return shown

    if workers == 1:
        return tuple(map(look, deployment.stacks))
    with ThreadPoolExecutor(workers) as pool:
        return tuple(pool.map(look, deployment.stacks))


def _shown(shown: LayerStatus, found: Found | None) -> LayerStatus:
    if found is None:
        return replace(shown, reason=_WRONG[MISSING])
    urls = tuple(
        (name, value) for name, value in sorted(found.outputs.items()) if value.startswith(("https://", "http://"))
    )
    return replace(
        shown,
        status=found.status,
        reason=_WRONG.get(found.status) or " ".join(found.reason.split()),
        changed=found.changed,
        protected=found.protected,
        urls=urls,
    )


def _with_drift(shown: LayerStatus, client: Any, stack_id: str, sleep: Callable[[float], None]) -> LayerStatus:
    try:
        return replace(shown, drift=tuple(patiently(sleep, lambda: drifted(client, stack_id, sleep))))
    except DriftUnknownError as unknown:
        return replace(shown, drift_unknown=" ".join(str(unknown).split()))
    except ExpiredError:
        return replace(shown, drift_unknown="the credentials have expired")
    except client.exceptions.ClientError as error:
        # Such as a stack whose status permits no detection.
        return replace(shown, drift_unknown=str(error.response["Error"]["Message"]))
