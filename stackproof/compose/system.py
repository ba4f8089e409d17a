"""A system: loaded from its manifest, asked for the deployment of one environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.bind.manifest import GIVEN_PARAMETERS, Environment, Layer, Manifest, OutputOf, load_manifest, values_for
from stackproof.bind.values import bind, bind_defaults, is_list_type, value_of
from stackproof.compose.deployment import UNKNOWN_ENVIRONMENT, Deployment, Neighbours, compose
from stackproof.compose.nested import Nested, handed_to, nested_in, output_of
from stackproof.errors import InputError, suggestion
from stackproof.load.template import Parameter, Template, load_template
from stackproof.marks import Mark
from stackproof.paths import shown_path
from stackproof.resolve.context import Context
from stackproof.resolve.scope import Exports, Handed
from stackproof.resolve.stack import Stack
from stackproof.resolve.values import Value, as_text
from stackproof.symbols import Deferred, Symbol

if TYPE_CHECKING:
    from stackproof.compose.open import OpenDeployment

SYSTEMS = Path("cloudformation", "systems")
"""Where a repository keeps its manifests."""


class System:
    """A named composition of layers.

    Attributes:
        name: the system's name.
        manifest: what its manifest says.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.name = manifest.system
        self.manifest = manifest
        self._deployments: dict[str, Deployment] = {}

    @property
    def environments(self) -> tuple[str, ...]:
        """Names of the environments, in the manifest's order."""
        return tuple(self.manifest.environments)

    @cached_property
    def templates(self) -> dict[str, Template]:
        """The template of each layer; each file is read once.

        Raises:
            InputError: a template cannot be loaded.
        """
        read: dict[Path, Template] = {}
        for layer in self.manifest.layers.values():
            if layer.template not in read:
                read[layer.template] = load_template(layer.template, shown_path(layer.template))
        return {layer.name: read[layer.template] for layer in self.manifest.layers.values()}

    def deployment(self, environment: str) -> Deployment:
        """Return all stacks of one environment, resolved and joined.

        Raises:
            InputError: no such environment, a value that a template does not permit, or a template that is wrong in
                this environment.
        """
        if environment not in self._deployments:
            self._deployments[environment] = self._compose(environment, {})
        return self._deployments[environment]

    def open_deployment(self, environment: str) -> OpenDeployment:
        """Return all stacks of one environment with every parameter open to all that its template permits.

        What is given to every template, and what layers hand to each other, stays bound.

        Raises:
            InputError: as `deployment`.
        """
        from stackproof.bind.domains import domain_of
        from stackproof.compose.open import join_open
        from stackproof.resolve.open import OpenStack

        bound = self.deployment(environment)

        def make(name: str, exports: Exports) -> OpenStack:
            stack = bound.stack(name)
            template = self.templates[name]
            kept = {
                key: value
                for key, value in stack.values.items()
                if key in GIVEN_PARAMETERS or isinstance(value, Handed)
            }
            domains = {key: domain_of(found) for key, found in template.parameters.items() if key not in kept}
            return OpenStack(template, kept, domains, stack.context, exports)

        made: OpenDeployment = join_open(self.name, bound.environment, tuple(bound.stacks), make, bound.imports)
        return made

    def deployment_with(self, environment: str, values: MappingABC[str, str]) -> Deployment:
        """Return the deployment of one environment with other parameter values than the manifest's.

        Parameters:
            environment: which environment's place and remaining values are taken.
            values: texts by parameter name, for every layer that declares the parameter.

        Raises:
            InputError: as `deployment`, and a value that no template declares.
        """
        known = {name for template in self.templates.values() for name in template.parameters}
        for name in values:
            if name not in known:
                raise InputError(f"{self.name} has no parameter '{name}'{suggestion(name, known)}")
        return self._compose(environment, values)

    def _compose(self, name: str, values: MappingABC[str, str]) -> Deployment:
        if name not in self.manifest.environments:
            near = suggestion(name, self.environments)
            raise InputError(f"{self.name} has no environment '{name}'{near}", self.manifest.mark)
        environment = self.manifest.environments[name]
        layers = {
            layer.name: partial(self._stack, layer, environment, values)
            for layer in self.manifest.layers.values()
            if name in layer.environments
        }
        try:
            return compose(self.name, environment, layers)
        except InputError as error:
            raise InputError(f"{error.message} (in {self.name} {name})", error.mark) from None

    def _stack(
        self, layer: Layer, environment: Environment, values: MappingABC[str, str], neighbours: Neighbours
    ) -> Stack:
        template = self.templates[layer.name]
        given, marks = values_for(layer, environment.name)
        own = dict(zip(GIVEN_PARAMETERS, (self.name, environment.name), strict=True))
        given |= {name: value for name, value in (own | dict(values)).items() if name in template.parameters}
        texts = {name: value for name, value in given.items() if isinstance(value, str)}
        self._check_present(environment, given, marks)
        handed = {
            name: neighbours.output(value.layer, value.output, marks[name])
            for name, value in given.items()
            if isinstance(value, OutputOf)
        }
        bound = bind(template, texts, marks, layer.mark, later=handed) | {
            name: Handed(value.layer, value.output, partial(_permitted, template.parameters[name], find, marks[name]))
            for name, find in handed.items()
            if isinstance(value := given[name], OutputOf)
        }
        context = Context(
            stack=layer.name,
            stack_name=f"{self.name}-{environment.name}-{layer.name}",
            region=layer.region or environment.region,
            account=environment.account,
        )
        return Stack(template, bound, context, neighbours.export)

    def _check_present(
        self, environment: Environment, given: MappingABC[str, str | OutputOf], marks: MappingABC[str, Mark]
    ) -> None:
        """An output can be handed over only where its layer is deployed."""
        for name, value in given.items():
            layer = self.manifest.layers.get(value.layer) if isinstance(value, OutputOf) else None
            if layer is not None and environment.name not in layer.environments:
                raise InputError(f"the layer '{layer.name}' is not part of '{environment.name}'", marks[name])


def _permitted(parameter: Parameter, find: Callable[[], Value], mark: Mark) -> Value:
    """Return what is handed over for a parameter; where it is known already, the parameter must permit it."""
    value = find()
    if isinstance(value, Symbol):
        return Deferred("Fn::Split", (",", value)) if is_list_type(parameter.type) else value
    permitted: Value = value_of(parameter, as_text(value), mark)
    return permitted


def load_system(name: str | Path) -> System:
    """Load a system.

    Parameters:
        name: a system's name, looked up in ``cloudformation/systems`` of the working directory and the folders above
            it, or the path of a manifest.

    Raises:
        InputError: no such system, or its manifest is wrong.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml") and not path.is_file():
        path = _manifest_of(str(name))
    return System(load_manifest(path, shown_path(path)))


def load_deployment(path: str | Path, *, alone: bool = False) -> Deployment:
    """Load a template that belongs to no system: judged with its defaults, as if it were production.

    A parameter without a default, an import and the place of deployment stay symbolic.

    Parameters:
        path: the template.
        alone: leave templates that it nests unknown.

    Raises:
        InputError: the file is not a template that CloudFormation would accept.
    """
    return deployment_of(load_template(Path(path), shown_path(Path(path))), None if alone else Path(path))


def deployment_of(template: Template, path: Path | None = None) -> Deployment:
    """Return the deployment of one template that belongs to no system; see `load_deployment`.

    Parameters:
        template: the template.
        path: where it lies, so that templates that it nests are found beside it; None to leave them unknown.
    """
    name = Path(template.file).stem
    made: dict[str, Stack] = {}

    def make(neighbours: Neighbours) -> Stack:
        made[name] = Stack(template, bind_defaults(template), Context(stack=name), neighbours.export)
        return made[name]

    factories: dict[str, Callable[[Neighbours], Stack]] = {name: make}
    for nested in nested_in(name, template, path) if path is not None else ():
        factories[nested.name] = partial(_nested_stack, nested, made)
    return compose("", UNKNOWN_ENVIRONMENT, factories, closed=False)


def _nested_stack(nested: Nested, made: dict[str, Stack], neighbours: Neighbours) -> Stack:
    stack = Stack(nested.template, handed_to(nested, made), Context(stack=nested.name), neighbours.export)
    if made[nested.parent].find(nested.logical_id) is None:
        stack.resources, stack.outputs = {}, {}
    made[nested.name] = stack
    made[nested.parent].scope.nested[nested.logical_id] = partial(output_of, nested, stack)
    return stack


def system_paths(start: Path | None = None) -> tuple[Path, ...]:
    """Return the manifests of the repository that a folder belongs to, by name."""
    for folder in _upwards(start or Path.cwd()):
        found = sorted((folder / SYSTEMS).glob("*.yaml"))
        if found:
            return tuple(found)
    return ()


def _manifest_of(name: str) -> Path:
    known = {path.stem: path for path in system_paths()}
    if name not in known:
        raise InputError(f"no system '{name}' in {SYSTEMS}{suggestion(name, known)}")
    return known[name]


def _upwards(folder: Path) -> Iterator[Path]:
    folder = folder.resolve()
    yield folder
    yield from folder.parents
