"""A recipe says how the resources of one type are made, described and removed through the service's own API.

Most types need no more than that: `stackproof.simulate.shapes` turns properties into parameters by the service's
model. What needs a second call, such as an attribute that only ``modify_…`` can set, is an `After` of the recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from stackproof.simulate.handlers import CannotUpdateError, Handler, Made, Wanted
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
        before: the properties as they were, while it is updated; empty while it is made.
        gone: names of the properties that an update removes.
    """

    wanted: Wanted
    client: Any
    other: Client
    left: dict[str, Any]
    request: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    physical_id: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def take(self, name: str, default: Any = None) -> Any:
        """Return a property and note that it reached the service."""
        return self.left.pop(name, default)

    def touched(self, *names: str) -> bool:
        """Return whether an update changes, adds or removes any of these properties; take note that they are seen to.

        Whoever asks reads the values that are wanted now from ``wanted.properties``.
        """
        found = any(name in self.left or name in self.gone for name in names)
        for name in names:
            self.left.pop(name, None)
            self.gone.discard(name)
        return found

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
class Tagging:
    """How a service changes the tags of what exists.

    Attributes:
        add: the method that adds or changes tags; it takes a list or a map, as the service's model says.
        remove: the method that removes them by their keys.
        key: the parameter that names the resource, in both.
        tags: the parameter of ``add`` that takes the tags.
        keys: the parameter of ``remove`` that takes the keys (or tags, where the model wants objects).
        id: gives what names the resource; the physical id where None.
        property: the property that holds the tags.
    """

    add: str
    remove: str
    key: str
    tags: str = "Tags"
    keys: str = "TagKeys"
    id: Callable[[Job], Any] | None = None
    property: str = "Tags"

    def change(self, job: Job) -> None:
        """Bring the tags of a resource to what is wanted now."""
        before = tags_of(job.before.get(self.property))
        wanted = tags_of(job.wanted.properties.get(self.property))
        if not job.touched(self.property):
            return
        own = self.id(job) if self.id else job.physical_id
        gone = sorted(before.keys() - wanted.keys())
        if gone:
            self._call(job, self.remove, own, self.keys, gone)
        changed = {key: value for key, value in wanted.items() if before.get(key) != value}
        if changed:
            self._call(job, self.add, own, self.tags, changed)

    def _call(self, job: Job, operation: str, own: Any, parameter: str, value: Any) -> None:
        members = input_members(job.client, operation)
        shape = members[parameter]
        if shape.type_name == "list" and shape.member.type_name == "structure":
            pairs = value.items() if isinstance(value, dict) else ((key, "") for key in value)
            adding = isinstance(value, dict)
            value = [{"Key": key, "Value": text} if adding else {"Key": key} for key, text in pairs]
        named = [own] if members[self.key].type_name == "list" and not isinstance(own, list) else own
        request, unread = arguments(job.client, operation, {self.key: named, parameter: value})
        if unread:
            raise CannotUpdateError(job.wanted.type, unread)
        getattr(job.client, operation)(**request)


def tags_of(value: Any) -> dict[str, str]:
    """Return tags as a map, whichever of the two forms a template writes."""
    if isinstance(value, list):
        return {str(tag["Key"]): str(tag["Value"]) for tag in value}
    return {str(key): str(text) for key, text in (value or {}).items()}


def input_members(client: Any, operation: str) -> Mapping[str, Any]:
    """Return the parameters of a method, by name, as the service's model has them."""
    name = client.meta.method_to_api_mapping[operation]
    members: Mapping[str, Any] = client.meta.service_model.operation_model(name).input_shape.members
    return members


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
        update: the method that changes it in place; the changed properties become its parameters, ``key`` (or
            ``update_key``) takes the physical id. ``after`` follows where an update touches one of ``late``.
        put: whether ``create`` (or ``make``) overwrites, so that an update is the same call with all properties; the
            job's ``physical_id`` is set then, and ``name`` is pinned to it.
        tagging: how tags are changed.
        change: does to it what the above cannot; it takes the properties that it sees to (`Job.take`, `Job.touched`).
            What nobody took fails the update.
        ignored: properties that an update need not act on: they say only how creating or deleting is done.
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
    update: str = ""
    update_key: str = ""
    put: bool = False
    tagging: Tagging | None = None
    change: After | None = None
    ignored: tuple[str, ...] = ()

    def handler(self, client: Client) -> Handler:
        """Return what makes a resource of this type with the given clients."""

        def make(wanted: Wanted) -> Made:
            job = Job(wanted, client(self.service), client, dict(wanted.properties))
            if self.before is not None:
                self.before(job)
            self._make(job)
            if self.after is not None:
                self.after(job)
            made = Made(
                physical_id=job.physical_id,
                attribute=lambda name: self._attribute(job, name),
                delete=lambda snapshot: self._delete(job, snapshot),
                unread=tuple(job.left),
                describe=lambda: list(self._descriptions(job)),
                missing=lambda descriptions: self._unshown(job, descriptions),
            )
            made.update = lambda now: self._update(job, made, now)
            return made

        return make

    def _update(self, job: Job, made: Made, wanted: Wanted) -> None:
        """Change a resource in place; after a failure it is taken to be what it was."""
        before, left = job.wanted, dict.fromkeys(made.unread)
        try:
            self._change(job, wanted, before.properties, left)
        except Exception:
            with suppress(Exception):
                # What of it was done already is taken back, so that the resource is what it is said to be.
                self._change(job, before, wanted.properties, left)
            job.wanted, job.left = before, left
            raise
        finally:
            job.before, job.gone = {}, set()
        job.left = {name: None for name in left if name in wanted.properties}
        made.unread = tuple(job.left)

    def _change(self, job: Job, wanted: Wanted, before: dict[str, Any], unread: Mapping[str, Any]) -> None:
        now = wanted.properties
        job.wanted, job.before = wanted, before
        job.left = {name: value for name, value in now.items() if before.get(name) != value or name not in before}
        job.gone = {name for name in before if name not in now}
        job.touched(*(name for name in (*self.ignored, *unread) if name in job.left or name in job.gone))
        if self.tagging is not None:
            self.tagging.change(job)
        if self.put and (job.left or job.gone):
            job.left, job.gone = dict(now), set()
            self._make(job)
            if self.after is not None:
                self.after(job)
            job.left = {}
        if self.update:
            self._modify(job)
        if self.after is not None and not job.left.keys().isdisjoint(self.late):
            self.after(job)
        if self.change is not None:
            self.change(job)
        if job.left or job.gone:
            raise CannotUpdateError(wanted.type, {*job.left, *job.gone})

    def _modify(self, job: Job) -> None:
        late = {name: job.left.pop(name) for name in self.late if name in job.left}
        given = dict(job.left)
        request, unread = arguments(job.client, self.update, given, self.names)
        if request:
            key = self.update_key or self.key
            own = (
                [job.physical_id]
                if input_members(job.client, self.update)[key].type_name == "list"
                else job.physical_id
            )
            getattr(job.client, self.update)(**{**request, key: own})
        refused = {path.partition(".")[0] for path in unread}
        job.left = {**late, **{name: value for name, value in given.items() if name in refused}}

    def _make(self, job: Job) -> None:
        if self.make is not None:
            self.make(job)
        else:
            self._create(job)

    def _create(self, job: Job) -> None:
        late = {name: job.left.pop(name) for name in self.late if name in job.left}
        properties = self.prepare(dict(job.left)) if self.prepare else dict(job.left)
        tags = properties.pop("Tags", None) if self.tag_type else None
        request, unread = arguments(job.client, self.create, properties, self.names)
        if tags:
            request["TagSpecifications"] = [{"ResourceType": self.tag_type, "Tags": tags}]
        if self.name and job.physical_id:
            request[self.name] = job.physical_id
        elif self.name:
            request.setdefault(self.name, made_up_name(job.wanted, self.name_length, lower=self.lower))
        job.request = {**self.given, **request}
        job.answer = getattr(job.client, self.create)(**job.request)
        job.physical_id = str(_find(job, self.reference))
        job.left = {**late, **dict.fromkeys(unread)}

    def _unshown(self, job: Job, descriptions: list[Any]) -> Iterator[str]:
        """Iterate over the properties that the service took and that its descriptions do not show."""
        taken = {
            self.names.get(name, name): value
            for name, value in job.wanted.properties.items()
            if name not in job.left and name not in self.hidden
        }
        for path in unshown(taken, descriptions) if descriptions else ():
            if path not in job.left:
                yield path

    def _descriptions(self, job: Job) -> Iterator[Any]:
        for show in self.show:
            yield self._description(job, show) if isinstance(show, str) else show(job)

    def _description(self, job: Job, show: str) -> Any:
        operation, parameter, *given = show.split(":")
        names = input_members(job.client, operation)
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
