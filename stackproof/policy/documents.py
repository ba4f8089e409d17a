"""IAM policy documents as CloudFormation accepts them, read so that a policy can ask what they grant.

A document is an object or JSON text; its statements are a list or a single object; actions, resources and principals
are a list or a single text, with wildcards anywhere. Texts may hold symbols: a reference to a resource is something in
particular, a parameter without a value may be anything, a ``*`` too.

Source: "IAM JSON policy elements reference" in the AWS IAM user guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from stackproof.marks import Mark
from stackproof.policy.alternatives import alternatives, elements, leaves, unknown
from stackproof.policy.choices import each
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, OpenItems, Undecidable, as_text, is_list
from stackproof.symbols import Deferred, Pseudo, Reference, Symbol, Text, Unbound, join, parts_of

_PARTICULAR = "\x00"
_ANYTHING = "\x01"
_HOSTILE = ("*", "", ":*")
"""What a parameter may be set to so that a pattern becomes as wide as it can."""

Test = Callable[[str], bool]
"""A question about a pattern; whoever answers yes for a pattern does so for a wider one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy document.

    Attributes:
        entries: its elements by name.
        path: dotted property path of the statement.
        mark: where the document stands.
    """

    entries: MappingABC[str, Any]
    path: str
    mark: Mark

    def __contains__(self, element: str) -> bool:
        return _entry(self.entries, element) is not None

    @property
    def allows(self) -> bool:
        """True for ``Allow`` in any case, and where that is not known; SP421 demands the documented one."""
        return any(isinstance(effect, Symbol) or f"{effect}".lower() == "allow" for effect in self.values("Effect"))

    @property
    def denies(self) -> bool:
        """True where the effect is surely ``Deny``."""
        return self.values("Effect") == ("Deny",)

    def values(self, element: str) -> tuple[Any, ...]:
        """Return the texts and symbols of an element."""
        return _flat(_entry(self.entries, element))

    def path_of(self, element: str) -> str:
        """Return the dotted property path of an element."""
        return f"{self.path}.{element}"

    def undecidable(self, element: str) -> Undecidable:
        """Return what to raise where an element decides the answer and is known only after deployment."""
        shown = ", ".join(as_text(value) for value in self.values(element))
        path = self.path_of(element)
        mark = self.entries.mark(element) if isinstance(self.entries, Block) else self.mark
        return Undecidable(f"{path} is {shown}, which is known only after deployment", mark, path)

    def asked(self, test: Test) -> tuple[Any, ...]:
        """Return the actions for which a test holds or may hold: those that are worth a run of their own."""
        return tuple(action for action in self.values("Action") if any_of([action], test) is not False)

    def grants(self, action: Test, resource: Test, actions: tuple[Any, ...] | None = None) -> bool:
        """Return whether the statement allows such an action on such a resource.

        Parameters:
            action: asked of the actions.
            resource: asked of the resources.
            actions: the actions to ask about; all of the statement by default.

        Raises:
            Undecidable: it may, depending on a value that is known only after deployment.
        """
        if not self.allows:
            return False
        what = any_of(self.values("Action") if actions is None else actions, action)
        where = any_of(self.values("Resource"), resource)
        if what is False or where is False:
            return False
        if what is None or where is None:
            raise self.undecidable("Action" if what is None else "Resource")
        return True

    @property
    def principals(self) -> tuple[tuple[str, Any], ...]:
        """Kind and value of each principal; ``Principal: "*"`` has the kind ``AWS``."""
        found: list[tuple[str, Any]] = []
        for option in alternatives(_entry(self.entries, "Principal")):
            if isinstance(option, MappingABC):
                found += [(kind, value) for kind, values in option.items() for value in _flat(values)]
            else:
                found += [("AWS", value) for value in _flat(option)]
        return tuple(found)

    def open_to_everyone(self) -> bool:
        """Return whether the statement allows something to principals of any account, and no condition narrows that.

        Raises:
            Undecidable: it may, depending on a value that is known only after deployment.
        """
        if not self.allows:
            return False
        everyone = "NotPrincipal" in self or any_of(
            [value for kind, value in self.principals if kind in ("AWS", "Service")], _is_everyone
        )
        if everyone is False or self.narrowed():
            return False
        if everyone is None:
            raise self.undecidable("Principal")
        return True

    def narrowed(self) -> bool:
        """Return whether a condition says who calls or from where.

        Raises:
            Undecidable: it may, depending on a value that is known only after deployment.
        """
        for operator, key, values in self.conditions():
            if not values or not _WHO.fullmatch(key):
                continue
            if _EXACT.fullmatch(operator):
                return True
            if _PATTERN.fullmatch(operator):
                everyone = any_of(values, _is_any_value)
                if everyone is None:
                    raise self.undecidable("Condition")
                if not everyone:
                    return True
        return False

    def refuses_plain(self, *actions: str) -> bool:
        """Return whether the statement denies everybody an action, at least, that is asked for without TLS.

        Raises:
            Undecidable: the conditions are known only after deployment.
        """
        everybody = any_of([value for kind, value in self.principals if kind == "AWS"], is_everything)
        covered = all(any_of(self.values("Action"), covers(action)) for action in actions)
        return self.denies and bool(everybody) and covered and any(map(_is_without_tls, self.conditions()))

    @property
    def limited(self) -> bool:
        """True where a condition limits what is reached; how and when somebody calls does not."""
        return any(key not in _CIRCUMSTANCES for _, key, _ in self.conditions())

    def conditions(self) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        """Iterate over operator, key (both in lower case) and values of the conditions.

        Raises:
            Undecidable: the conditions are known only after deployment.
        """
        for option in alternatives(_entry(self.entries, "Condition")):
            for operator, keys in option.items() if isinstance(option, MappingABC) else ():
                for key, values in keys.items() if isinstance(keys, MappingABC) else ():
                    yield operator.lower(), key.lower(), _flat(values)
            if isinstance(option, Symbol):
                raise self.undecidable("Condition")


def _entry(entries: MappingABC[str, Any], name: str) -> Any:
    """Return an element, written in whatever case; SP421 demands the one that IAM documents."""
    if name in entries:
        return entries[name]
    return next((entries[key] for key in entries if key.lower() == name.lower()), None)


# A run per action of a statement asks for all its actions again; resolved values keep their identity and never change.
_FLAT: dict[int, tuple[Any, tuple[Any, ...]]] = {}
_MOST_FLAT = 4096


def _flat(value: Any) -> tuple[Any, ...]:
    """Return the scalars and symbols of a value that is one of them or a list of them."""
    if isinstance(value, str):
        return (value,)
    known = _FLAT.get(id(value))
    if known is not None and known[0] is value and not isinstance(value, OpenItems):
        return known[1]
    found: list[Any] = []
    for option in alternatives(value):
        for element in option if is_list(option) else (option,):
            found += [leaf for leaf in alternatives(element) if not isinstance(leaf, MappingABC) and not is_list(leaf)]
    if len(_FLAT) >= _MOST_FLAT:
        _FLAT.clear()
    _FLAT[id(value)] = (value, tuple(found))
    return tuple(found)


# --- Where documents stand. ---


def permissions(resource: Resource) -> Iterator[Statement]:
    """Iterate over what an IAM resource grants: its inline policies or the one policy that it is; one per run."""
    if resource.type in ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        for policy in each(elements(resource, "Policies")):
            if isinstance(policy, Symbol):
                raise unknown(resource, "Policies", policy)
            if isinstance(policy, Block):
                yield from statements(policy, "PolicyDocument")
    else:
        yield from statements(resource.properties, "PolicyDocument")


def trust(role: Resource) -> Iterator[Statement]:
    """Iterate over the statements that say who may take a role; one per run."""
    return statements(role.properties, "AssumeRolePolicyDocument")


KEYS_OF_DOCUMENTS: dict[str, tuple[str, ...]] = {
    "AWS::IAM::Role": ("AssumeRolePolicyDocument", "Policies"),
    "AWS::IAM::User": ("Policies",),
    "AWS::IAM::Group": ("Policies",),
    "AWS::IAM::Policy": ("PolicyDocument",),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::IAM::RolePolicy": ("PolicyDocument",),
    "AWS::IAM::UserPolicy": ("PolicyDocument",),
    "AWS::IAM::GroupPolicy": ("PolicyDocument",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::KMS::ReplicaKey": ("KeyPolicy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicInlinePolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SQS::QueueInlinePolicy": ("PolicyDocument",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}
"""Where resources hold documents; ``Policies`` is a list of blocks that do."""


def documents(resource: Resource) -> Iterator[tuple[Block, str]]:
    """Iterate over the documents of a resource as block and key; one per run."""
    for key in each(KEYS_OF_DOCUMENTS[resource.type]):
        if key != "Policies":
            yield resource.properties, key
            continue
        for policy in each(elements(resource, key)):
            if isinstance(policy, Symbol):
                raise unknown(resource, key, policy)
            if isinstance(policy, Block):
                yield policy, "PolicyDocument"


def statements(block: Block, key: str, *, together: bool = False, whole: bool = False) -> Iterator[Statement]:
    """Iterate over the statements of a document: one per run, for they are judged independently.

    Parameters:
        block: what holds the document.
        key: its name in the block.
        together: whether the answer needs all statements, in one run.
        whole: whether the document itself is asked for, as though it were a statement.

    Raises:
        Undecidable: the document is known only after deployment, or is text that is no JSON.
    """
    path, mark = block.path_of(key), block.mark(key)
    one_by_one = iter if together else each
    for document in one_by_one(alternatives(block.get(key))):
        content = parsed(document)
        if not isinstance(content, MappingABC):
            raise unknown(block, key, document)
        if whole:
            yield Statement(content, path, mark)
            continue
        for found, inner in one_by_one(_listed(_entry(content, "Statement"), f"{path}.Statement")):
            if isinstance(found, Symbol):
                raise unknown(block, key, found)
            if isinstance(found, MappingABC):
                yield Statement(found, inner, mark)


def parsed(document: Any) -> Any:
    """Return a document as the object that it is or that its JSON text says; None for text that is no JSON.

    Symbols may stand inside of the strings of a JSON text; one that stands for more than that makes it unreadable.
    """
    if isinstance(document, Deferred) and document.function == "Fn::ToJsonString":
        return document.arguments[0]
    if not isinstance(document, str | Text):
        return document
    parts = parts_of(document)
    # A symbol inside of a JSON text, such as an account id, keeps its place as a character that no JSON holds.
    written = "".join(part if isinstance(part, str) else f"{_OPEN}{index}{_CLOSE}" for index, part in enumerate(parts))
    try:
        return _restored(json.loads(written), parts)
    except ValueError:
        return None


_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


def _restored(value: Any, parts: tuple[str | Symbol, ...]) -> Any:
    """Put the symbols of a JSON text back into its values."""
    if isinstance(value, dict):
        return {name: _restored(child, parts) for name, child in value.items()}
    if isinstance(value, list):
        return [_restored(child, parts) for child in value]
    if not isinstance(value, str) or _OPEN not in value:
        return value
    return join(parts[int(piece)] if index % 2 else piece for index, piece in enumerate(_PLACE.split(value)))


def _listed(value: Any, path: str) -> list[tuple[Any, str]]:
    """Return the elements of a list, or a single value, with their paths."""
    found: list[tuple[Any, str]] = []
    for option in alternatives(value):
        members = enumerate(option) if is_list(option) else ((None, option),)
        for index, member in members:
            default = path if index is None else f"{path}.{index}"
            found += [(leaf, getattr(leaf, "path", "") or default) for leaf in alternatives(member)]
    return found


# --- Patterns. ---

# What precedes the name in an ARN; "Resource types" of each service in the service authorization reference. Services
# whose ARNs begin with a name, such as S3 and SQS, have no place here.
_KINDS = {
    "acm": ("certificate/",),
    "backup": ("backup-vault:",),
    "cloudformation": ("stack/",),
    "cognito-idp": ("userpool/",),
    "dynamodb": ("table/",),
    "ec2": ("instance/", "volume/", "security-group/"),
    "ecr": ("repository/",),
    "ecs": ("cluster/", "service/", "task/", "task-definition/"),
    "elasticfilesystem": ("file-system/",),
    "es": ("domain/",),
    "events": ("rule/",),
    "iam": ("role/", "user/", "group/", "policy/", "instance-profile/"),
    "kinesis": ("stream/",),
    "kms": ("key/", "alias/"),
    "lambda": ("function:",),
    "logs": ("log-group:",),
    "rds": ("db:", "cluster:", "snapshot:"),
    "route53": ("hostedzone/",),
    "secretsmanager": ("secret:",),
    "ssm": ("parameter/", "document/"),
    "states": ("stateMachine:",),
}
_UNNAMED = "\x02" * 9 + "-" + "\x02" * 6
"""A name that nothing has, so that only wildcards match it; with the ending that Secrets Manager adds."""


def any_of(values: Any, test: Test) -> bool | None:
    """Return whether a test holds for any of the values; None where that is not known before deployment."""
    answers = [_answer(value, test) for value in values]
    return True if True in answers else None if None in answers else False


def _answer(value: Any, test: Test) -> bool | None:
    text = pattern_text(value)
    if _ANYTHING not in text:
        return test(text)
    if text.startswith("arn:"):
        # Whoever builds an ARN from a parameter means one thing by it.
        text = text.replace(_ANYTHING, _PARTICULAR)
    if not any(test(text.replace(_ANYTHING, hostile)) for hostile in _HOSTILE):
        return False
    return True if test(text.replace(_ANYTHING, _PARTICULAR)) else None


def pattern_text(value: Any) -> str:
    """Return a value as text, with one character in place of each symbol."""
    if isinstance(value, Text):
        return "".join(pattern_text(part) for part in value.parts)
    if isinstance(value, Symbol):
        return _PARTICULAR if is_particular(value) else _ANYTHING
    return as_text(value)


def is_particular(symbol: Symbol) -> bool:
    """Return whether a symbol stands for one thing, such as a resource, and never for a wildcard."""
    if isinstance(symbol, Unbound):
        return "AWS::" in symbol.type and not symbol.type.startswith("AWS::SSM::")
    if isinstance(symbol, Deferred):
        inner = leaves(symbol)
        return bool(inner) and all(is_particular(leaf) for leaf in inner)
    return isinstance(symbol, Reference | Pseudo)


def is_everything(pattern: str) -> bool:
    """Return whether a pattern matches every action, resource or principal there is: ``*``, ``*:*``, ``arn:aws:*``."""
    kind, *parts = pattern.split(":", 5)
    if kind == "arn":
        rest = parts[1:] or parts
        return bool(rest) and "*" in rest[-1] and all(not part.strip("*?") for part in rest)
    return "*" in pattern and not pattern.strip("*?:")


def is_whole_service(pattern: str, service: str = "*") -> bool:
    """Return whether a resource pattern matches all that a service has, or all of one kind: ``*``, ``…:secret:*``.

    Parameters:
        pattern: of a resource.
        service: whose resources are asked about.
    """
    parts = pattern.split(":", 5)
    if is_everything(pattern) or (len(parts) == 6 and "*" in parts[5] and not parts[5].strip("*?:")):
        return True
    return len(parts) == 6 and any(
        _matches(name, service)
        and _matches(name, parts[2])
        and any(_matches(kind + _UNNAMED, parts[5]) for kind in kinds)
        for name, kinds in _KINDS.items()
    )


def all_for(action: Any) -> Test:
    """Return a test whether a resource pattern matches all of a kind that an action is about."""
    service = as_text(action).partition(":")[0].lower()
    service = {"sts": "iam"}.get(service, service) if re.fullmatch(r"[a-z0-9*?-]+", service) else "*"
    return lambda pattern: is_whole_service(pattern, service)


@lru_cache(maxsize=4096)
def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))


def is_service_wide(pattern: str) -> bool:
    """Return whether an action pattern stands for all actions of a service: ``s3:*``, ``*``."""
    service, colon, action = pattern.partition(":")
    return is_everything(pattern) or bool(colon and service and "*" in action and not action.strip("*?"))


def covers(*actions: str) -> Test:
    """Return a test whether an action pattern, such as ``iam:Pass*``, covers any of the given actions."""

    def test(pattern: str) -> bool:
        return any(_matches(action, pattern) for action in actions)

    return test


def _is_without_tls(condition: tuple[str, str, tuple[Any, ...]]) -> bool:
    operator, key, values = condition
    stated = [pattern_text(value).lower() for value in values]
    return key == "aws:securetransport" and operator in ("bool", "boolifexists") and stated == ["false"]


def _is_everyone(pattern: str) -> bool:
    # A wildcard account is refused by IAM, but nobody should find out by deploying it.
    return is_everything(pattern) or pattern.split(":")[4:5] in (["*"], ["**"])


# Keys that say who calls or from where; "The meaning of public" in the S3 user guide, and their like of other services.
_WHO = re.compile(
    r"aws:(principal(orgid|orgpaths|account|arn|tag/.+|serviceName)|source(account|arn|orgid|orgpaths|owner|vpc|vpce|ip)"
    r"|vpcsourceip|userid|username)|sts:externalid|kms:calleraccount|s3:dataaccesspoint(account|arn)",
    re.IGNORECASE,
)
_CIRCUMSTANCES = frozenset(
    {"aws:securetransport", "aws:requestedregion", "aws:currenttime", "aws:epochtime", "aws:useragent", "aws:referer"}
)
_EXACT = re.compile(r"(foranyvalue:)?(stringequals|stringequalsignorecase)")
_PATTERN = re.compile(r"(foranyvalue:)?(stringlike|arnequals|arnlike|ipaddress)")


def _is_any_value(pattern: str) -> bool:
    return is_everything(pattern) or pattern in ("0.0.0.0/0", "::/0")
