"""A recipe says how the resources of one type are made, described and removed through the service's own API.

Most types need no more than that: `stackproof.simulate.shapes` turns properties into parameters by the service's
model. What needs a second call, such as an attribute that only ``modify_…`` can set, is an `After` of the recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackproof.simulate.handlers import Handler, Made, Wanted
from stackproof.simulate.readback import unshown
from stackproof.simulate.shapes import arguments

Client = Callable[[str], Any]
"""Gives a boto3 client by its service."""


@dataclass(slots=True)
class Job:
    """One resource in the making.

    Attributes:
        wanted: what is to be made.
        client: a boto3 client of the recipe's service.
        other: gives clients of other services.
        left: the properties that nobody has taken yet.
        request: the arguments of the call that made it.
        answer: what that call gave back.
        physical_id: what ``Ref`` gives.
    """

    wanted: Wanted
    client: Any
    other: Client
    left: dict[str, Any]
    request: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    physical_id: str = ""

    def take(self, name: str, default: Any = None) -> Any:
        """Return a property and note that it reached the service."""
        return self.left.pop(name, default)

    def call(self, operation: str, properties: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """Call an operation with properties turned into its parameters; what it cannot take stays unread."""
        request, unread = arguments(self.client, operation, properties)
        self.left |= dict.fromkeys(unread)
        return dict(getattr(self.client, operation)(**given, **request))


Show = Callable[[Job], Any]
"""Asks a service to describe a resource."""

After = Callable[[Job], None]
"""Does with a resource what the first call could not; it takes the properties that it uses."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one type is made.

    Attributes:
        type: the resource type.
        service: boto3's name of the service.
        create: the method that makes it.
        reference: where ``Ref`` stands: ``Vpc.VpcId`` in the answer, or ``=Name`` for a parameter of the request.
        delete: the method that removes it; empty where there is nothing to remove.
        key: the parameter of ``delete`` that takes the physical id.
        names: API parameter by property, where the two are called differently.
        name: the API parameter that gets a made-up name unless the property is given.
        name_length: how long a made-up name may be.
        lower: whether the service wants names in lower case.
        tag_type: the type under which EC2 takes tags while it creates.
        given: arguments of ``create`` that do not depend on the properties.
        before: looks at the account before anything is made, and raises what the service would answer.
        prepare: changes properties before they become parameters, where more than their names differ.
        late: properties that ``after`` takes.
        after: what follows the first call.
        make: makes it where ``create`` is not enough; sets the job's ``physical_id``.
        attributes: ``Fn::GetAtt`` by name: a path in the answer or ``=Parameter``.
        describe: gives ``Fn::GetAtt`` where the answer does not have it.
        show: how the service describes it: ``method:Parameter``, where the parameter takes the physical id and further
            ``:Name=Value`` are given as they are; or a function.
        hidden: properties that no description of AWS shows either, such as a password.
        remove: removes it where ``delete`` is not enough; True asks for a final snapshot.
    """

    type: str
    service: str
    create: str = ""
    reference: str = ""
    delete: str = ""
    key: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    name_length: int = 255
    lower: bool = False
    tag_type: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    before: After | None = None
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    late: tuple[str, ...] = ()
    after: After | None = None
    make: After | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    describe: Callable[[Job, str], Any] | None = None
    show: tuple[str | Show, ...] = ()
    hidden: tuple[str, ...] = ()
    remove: Callable[[Job, bool], None] | None = None

    def handler(self, client: Client) -> Handler:
        """Return what makes a resource of this type with the given clients."""

        def make(wanted: Wanted) -> Made:
            job = Job(wanted, client(self.service), client, dict(wanted.properties))
            if self.before is not None:
                self.before(job)
            if self.make is not None:
                self.make(job)
            else:
                self._create(job)
            if self.after is not None:
                self.after(job)
            return Made(
                physical_id=job.physical_id,
                attribute=lambda name: self._attribute(job, name),
                delete=lambda snapshot: self._delete(job, snapshot),
                unread=tuple(job.left),
                unshown=tuple(self._unshown(job)),
            )

        return make

    def _create(self, job: Job) -> None:
        late = {name: job.left.pop(name) for name in self.late if name in job.left}
        properties = self.prepare(dict(job.left)) if self.prepare else dict(job.left)
        tags = properties.pop("Tags", None) if self.tag_type else None
        request, unread = arguments(job.client, self.create, properties, self.names)
        if tags:
            request["TagSpecifications"] = [{"ResourceType": self.tag_type, "Tags": tags}]
        if self.name:
            request.setdefault(self.name, made_up_name(job.wanted, self.name_length, lower=self.lower))
        job.request = {**self.given, **request}
        job.answer = getattr(job.client, self.create)(**job.request)
        job.physical_id = str(_find(job, self.reference))
        job.left = {**late, **dict.fromkeys(unread)}

    def _unshown(self, job: Job) -> Iterator[str]:
        """Iterate over the properties that the service took and does not show."""
        taken = {
            self.names.get(name, name): value
            for name, value in job.wanted.properties.items()
            if name not in job.left and name not in self.hidden
        }
        descriptions = [self._description(job, show) if isinstance(show, str) else show(job) for show in self.show]
        for path in unshown(taken, descriptions) if descriptions else ():
            if path not in job.left:
                yield path

    def _description(self, job: Job, show: str) -> Any:
        operation, parameter, *given = show.split(":")
        names = job.client.meta.service_model.operation_model(
            job.client.meta.method_to_api_mapping[operation]
        ).input_shape.members
        own = [job.physical_id] if names[parameter].type_name == "list" else job.physical_id
        answer = getattr(job.client, operation)(**{parameter: own}, **dict(pair.split("=") for pair in given))
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def _attribute(self, job: Job, name: str) -> Any:
        if name in self.attributes:
            return _find(job, self.attributes[name])
        if self.describe is None:
            raise KeyError(name)
        return self.describe(job, name)

    def _delete(self, job: Job, snapshot: bool) -> None:
        if self.remove is not None:
            self.remove(job, snapshot)
        elif self.delete:
            getattr(job.client, self.delete)(**{self.key: job.physical_id})


def made_up_name(wanted: Wanted, length: int, *, lower: bool = False) -> str:
    """Return a name of the kind that CloudFormation makes up, shortened before its random end."""
    head, _, suffix = wanted.name.rpartition("-")
    name = f"{head[: length - len(suffix) - 1].rstrip('-')}-{suffix}"
    return name.lower() if lower else name


def _find(job: Job, path: str) -> Any:
    """Return what stands at a dotted path of the answer, or at ``=Name`` in the request."""
    if path.startswith("="):
        return job.request[path[1:]]
    value: Any = job.answer
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
