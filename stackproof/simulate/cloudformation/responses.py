"""moto's way in: a request, read by botocore's model, gets our answer, written by botocore's model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation import responses as _responses
from moto.core import serialize as _serialize
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model

from stackproof.simulate.cloudformation import change_sets, drift_operations, reading, stacks
from stackproof.simulate.cloudformation.models import models
from stackproof.simulate.cloudformation.refusals import Refusal, check_request
from stackproof.simulate.cloudformation.region import Region

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
responses: Any = _responses
serialize: Any = _serialize

OPERATIONS: Mapping[str, Callable[[Region, Mapping[str, Any]], dict[str, Any]]] = {
    **stacks.OPERATIONS,
    **change_sets.OPERATIONS,
    **reading.OPERATIONS,
    **drift_operations.OPERATIONS,
}


class RefusedRequest(ServiceException):
    """A refusal in the form that moto writes; codes that botocore's model lacks are written as they are."""


class CloudFormationResponse(responses.CloudFormationResponse):  # type: ignore[misc]
    """Answers what `OPERATIONS` knows; stack sets and types are left to moto."""

    def __init__(self) -> None:
        super().__init__()
        self.automated_parameter_parsing = True
        # Our answers have the form of the model already.
        self.RESPONSE_KEY_PATH_TO_TRANSFORMER: dict[str, Any] = {}

    def call_action(self) -> Any:
        """Answer one request."""
        operation = self._get_action()
        if operation not in OPERATIONS:
            return super().call_action()
        region = models.cloudformation_backends[self.current_account][self.region].region
        try:
            if operation not in stacks.UNHURRIED:
                region.settle()
            check_request(operation, self.params)
            answer: object = OPERATIONS[operation](region, self.params)
        except Refusal as refusal:
            answer = RefusedRequest(refusal.code, refusal.message)
        status, headers, body = self._written(answer)
        headers["status"] = str(status)
        headers, body = self._enrich_response(headers, body)
        return status, headers, body

    def _written(self, answer: object) -> Any:
        """Return status, headers and body of an answer."""
        if isinstance(answer, RefusedRequest):
            return self.serialized(ActionResult(answer))
        model = get_service_model("cloudformation").operation_model(self._get_action())
        written = _Writer(operation_model=model).serialize(answer)
        return written["status_code"], {**written["headers"], **self.response_headers}, written["body"]


class _Writer(serialize.QuerySerializer):  # type: ignore[misc]
    """Writes plain dicts: moto's own looks for each member under several names, which takes ten times as long."""

    def get_value(self, value: Any, key: str, shape: Any) -> Any:
        """Return a member of an answer."""
        return value.get(key)
