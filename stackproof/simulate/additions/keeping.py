"""Keeping what a request said: the model behind operations that moto lacks or answers in part."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from moto.core import responses as _responses
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, method_names_from_class

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
responses: Any = _responses
Response = Any
"""One of moto's response objects: a request on its way to an answer."""
Item = dict[str, Any]


class Refused(ServiceException):
    """What a service answers to a request that it does not carry out; moto looks the code up in the service's model."""


GLOBAL = frozenset({"budgets", "cloudfront", "iam", "route53"})
"""Services that are the same in every region."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation does with the things of its kind.

    Attributes:
        role: ``write`` makes or changes one, ``read`` shows one or all, ``remove`` forgets one.
        at: where it stands in the answer: keys with dots; a list is gone through. Empty where it is the answer itself.
        new: whether it must not exist yet.
        beside: whether what is kept stands beside what moto shows, and is not part of it.
    """

    role: str
    at: str = ""
    new: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    Attributes:
        service: moto's name of the service.
        key: the member that names a thing, in requests and in answers.
        alias: what the key is called in the requests that do not call it by its name.
        operations: what each operation does with it.
        made: gives the members that the service makes up, from the request and account, region and partition.
        names: member of the answer by the path in the request, where the two differ.
        missing: the error code where there is no such thing.
        taken: the error code where there is one already.
        forget: members of the request that no answer shows.
        only: members of the answer that moto forgets; empty where it is any.
        counted: whether a list of them says how many there are, as CloudFront's do.
    """

    service: str
    key: str
    operations: Mapping[str, Operation]
    made: Callable[[Item, Response], Item] = lambda _request, _response: {}
    names: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    taken: str = ""
    forget: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    alias: str = ""
    counted: bool = False


Method = Callable[[Response, Item], Any]
"""Answers an operation that needs code: takes moto's response object and the parsed request."""


class Keeper:
    """Answers for moto's services, with a memory.

    Parameters:
        kinds: what is kept.
        methods: the operations that need code, by service and name.
        original: moto's own way to an answer.
    """

    def __init__(
        self, kinds: tuple[Kind, ...], methods: Mapping[tuple[str, str], Method], original: Callable[[Response], Any]
    ) -> None:
        self._kinds = {(kind.service, name): kind for kind in kinds for name in kind.operations}
        self._methods = methods
        self._original = original
        self._kept: dict[tuple[str, str, int], dict[str, Item]] = {}

    def answer(self, response: Response) -> Any:
        """Return status, headers and body of the answer to a request."""
        name = response._get_action()
        which = (response.service_name, name)
        if which not in self._kinds and which not in self._methods:
            return self._original(response)
        request = request_of(response)
        try:
            if which in self._methods:
                answer = self._methods[which](response, request)
                return (
                    response.serialized(answer) if isinstance(answer, ActionResult) else _serialized(response, answer)
                )
            return self._answer(response, self._kinds[which], name, request)
        except ServiceException as error:
            status, headers, body = _serialized(response, error)
            return status, {**headers, "status": str(status)}, body

    def _answer(self, response: Response, kind: Kind, name: str, request: Item) -> Any:
        service: Any = type(response)
        known = _is_known(service, name)
        status, headers, body = self._original(response) if known else (200, {}, b"")
        if status >= 300:
            return status, headers, body
        model = _model(response).operation_model(name)
        answer = _parsed(model, headers, body) if known else {}
        kept = self._kept_by(kind, response)
        call = _Call(kind, kind.operations[name], response, request, answer, kept, model.output_shape, known)
        return _serialized(response, call.answered())

    def _kept_by(self, kind: Kind, response: Response) -> dict[str, Item]:
        region = "" if kind.service in GLOBAL else response.region
        return self._kept.setdefault((response.current_account, region, id(kind)), {})


@dataclass(slots=True)
class _Call:
    """One request about one kind of thing.

    Attributes:
        answer: moto's; empty where it has none.
        kept: the things of this kind, by key.
        shape: botocore's model of the answer.
        known: whether moto has the operation.
    """

    kind: Kind
    operation: Operation
    response: Response
    request: Item
    answer: Item
    kept: dict[str, Item]
    shape: Any
    known: bool

    def answered(self) -> Item:
        """Return the answer, after what the request does to the things."""
        match self.operation.role:
            case "remove":
                if self.kept.pop(self._key(_renamed(self.kind, self.request)), None) is None and not self.known:
                    raise self._missing()
                return self.answer
            case "write":
                return self._written()
        return self._read()

    def _written(self) -> Item:
        key, item = self._key_and_item()
        self.kept[key] = _merged(self.kept.get(key, {}), item)
        if self.known:
            self._overlay({"": self.kept[key], **self.kept})
            return self.answer
        return _filled(self.shape, self.kept[key]) if self.shape else {}

    def _key_and_item(self) -> tuple[str, Item]:
        item = _renamed(self.kind, self.request)
        if self.known:
            shown: Item = next(_at(self.answer, self.operation.at), {})
            key = str(shown.get(self.kind.key) or self._key(self.request))
            return key, item if key in self.kept else {**self.kind.made(item, self.response), **item}
        if not self.operation.new:
            return self._existing(), item
        item = {**self.kind.made(item, self.response), **item}
        key = str(item[self.kind.key])
        if key in self.kept:
            raise Refused(self.kind.taken, f"{key} already exists.")
        return key, item

    def _read(self) -> Item:
        if self.operation.beside:
            listed = self._listed(list(self.kept.values()))
            return {**self.answer, **{name: [*self.answer.get(name, ()), *more] for name, more in listed.items()}}
        if self.known:
            self._overlay({**self.kept, "": self.kept.get(self._key(self.request), {})})
            return self.answer
        items = [self.kept[self._existing()]] if self._key(self.request) else list(self.kept.values())
        return self._listed(items) if self.operation.at else _filled(self.shape, items[0])

    def _overlay(self, kept: Mapping[str, Item]) -> None:
        """Fill in what moto left out of its answer; ``kept['']`` belongs to what the request itself names."""
        shape = self.shape
        for name in filter(None, self.operation.at.split(".")):
            shape = shape.members[name]
        shape = shape.member if shape.type_name == "list" else shape
        for found in _at(self.answer, self.operation.at):
            for thing in found if isinstance(found, list) else [found]:
                named = self.kind.key in shape.members
                _fill(thing, shape, kept.get(str(thing.get(self.kind.key, "")), {}) if named else kept[""])

    def _listed(self, items: list[Item]) -> Item:
        """Return an answer that shows things as the list at the operation's path."""
        answer: Item = {}
        *outer, last = self.operation.at.split(".")
        inner, shape = answer, self.shape
        for name in outer:
            shape = shape.members[name]
            inner = inner.setdefault(name, {})
        if self.kind.counted:
            inner |= {"Quantity": len(items), "MaxItems": 100}
        inner[last] = [_filled(shape.members[last].member, item) for item in items]
        return answer

    def _key(self, request: Item) -> str:
        value = request.get(self.kind.key, request.get(self.kind.alias, ""))
        return str(value[0] if isinstance(value, list) and value else value or "")

    def _existing(self) -> str:
        key = self._key(self.request)
        if key not in self.kept:
            raise self._missing()
        return key

    def _missing(self) -> Refused:
        return Refused(self.kind.missing, f"{self._key(self.request)} does not exist.")


@cache
def _is_known(service: Hashable, name: str) -> bool:
    return camelcase_to_underscores(name) in method_names_from_class(service)


def _model(response: Response) -> Any:
    return responses.get_service_model(response.boto3_service_name)


def request_of(response: Response) -> Item:
    """Return a request as botocore's model describes it, whatever the protocol."""
    request, model = response.normalized_request, _model(response)
    protocol = responses.determine_request_protocol(model, request.content_type)
    # moto's own parsing gives some services names of another form; this one is always as in the model.
    parser = responses.PROTOCOL_PARSERS[protocol](model.operation_model(response._get_action()), map_type=dict)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    return copy.deepcopy(dict(parsed))


def _parsed(model: Any, headers: Mapping[str, Any], body: Any) -> Item:
    data = body if isinstance(body, bytes) else str(body).encode()
    parser = create_parser(model.service_model.resolved_protocol)
    named = HeadersDict({str(name): str(value) for name, value in headers.items()})
    answer = parser.parse({"status_code": 200, "headers": named, "body": data}, model.output_shape)
    answer.pop("ResponseMetadata", None)
    return dict(answer)


def _serialized(response: Response, answer: Any) -> Any:
    return response.serialized(responses.ActionResult(answer))


def _renamed(kind: Kind, request: Item) -> Item:
    """Return the request with the names of the answer."""
    item = {name: value for name, value in request.items() if name not in kind.forget}
    for path, name in kind.names.items():
        found = next(_at(request, path), None)
        if found is not None:
            item.pop(path.partition(".")[0], None)
            item[name] = found
    return {name: item[name] for name in kind.only if name in item} if kind.only else item


def _merged(old: Item, new: Item) -> Item:
    """Return a thing with what a later request says of it; what is named twice has the later value."""
    merged = dict(old)
    for name, value in new.items():
        before = old.get(name)
        merged[name] = _joined(before, value) if isinstance(before, list) and isinstance(value, list) else value
    return merged


def _joined(before: list[Any], after: list[Any]) -> list[Any]:
    """Return the entries of two lists of parameters, the later ones where both name one; other lists are replaced."""
    if not all(isinstance(entry, dict) and "ParameterName" in entry for entry in (*before, *after)):
        return after
    return list({entry["ParameterName"]: entry for entry in (*before, *after)}.values())


def _at(value: Any, path: str) -> Iterator[Any]:
    """Iterate over what stands at a path."""
    if not path:
        yield value
        return
    first, _, rest = path.partition(".")
    child = value.get(first) if isinstance(value, dict) else None
    for item in child if isinstance(child, list) and rest else [child] if child is not None else []:
        yield from _at(item, rest)


def _fill(thing: Item, shape: Any, item: Any) -> None:
    for name, member in shape.members.items():
        if name not in item:
            continue
        if member.type_name == "structure" and isinstance(thing.get(name), dict):
            _fill(thing[name], member, item[name])
        elif member.type_name == "map" and isinstance(thing.get(name), dict):
            # What moto shows of a map is as it is now; what it does not show, it has forgotten.
            thing[name] = {**item[name], **thing[name]}
        else:
            thing[name] = item[name]


def _filled(shape: Any, item: Item) -> Item:
    """Return a structure made of a thing's members, with the structures around them."""
    found: Item = {}
    for name, member in shape.members.items():
        if name in item:
            found[name] = item[name]
        elif member.type_name == "structure":
            below = _filled(member, item)
            if below:
                found[name] = below
    return found


def now() -> datetime:
    """Return the time of a change, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
