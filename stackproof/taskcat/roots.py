"""A system as one template: a nested stack per layer, as taskcat wants it.

taskcat runs its tests beside each other and in no order, so one test must be one stack. Layers still find each other by
the names of exports; an output that the manifest hands over is passed by ``Fn::GetAtt``.

Source: "AWS::CloudFormation::Stack" in the AWS CloudFormation template reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from stackproof.bind.manifest import Environment, OutputOf, values_for
from stackproof.compose.system import System
from stackproof.errors import InputError

CREATION_MINUTES = 60
"""What takes longer hangs: a certificate whose domain nobody proves would be waited for three days."""

SECOND_REGIONS = ("us-west-2", "us-east-1")
"""Where a system is deployed beside its own region: in the first of these that is another one."""

FOLDER = "cloudformation/taskcat"
"""Where the root templates lie, seen from the root of the repository."""

_LENGTHS = "2 to 16 lower-case letters and digits, beginning with a letter."


@dataclass(frozen=True)
class Root:
    """One system in the environment that stands for it.

    Attributes:
        system: the system.
        environment: its first environment that is not protected: the cheapest one, and one that can be deleted.
        second: the region in which it is deployed beside its own.
    """

    system: System
    environment: Environment
    second: str

    @property
    def name(self) -> str:
        """The name of its stack in its own region, such as ``caja-dev``."""
        return f"{self.system.name}-{self.environment.name}"

    @property
    def file(self) -> str:
        """Where its template lies, seen from the root of the repository."""
        return f"{FOLDER}/{self.name}.yaml"

    @property
    def second_system(self) -> str:
        """What the system is called in the second region: names that all regions share must differ."""
        parts = self.second.split("-")
        short = parts[0] + "".join(part[0] for part in parts[1:])
        return f"{self.system.name[: 16 - len(short)]}{short}"

    @cached_property
    def domain(self) -> str:
        """What the domain names of its layers end with; empty where it has none."""
        names = [text for _, text in self._texts if _ == "DomainName"]
        columns = zip(*(name.split(".")[::-1] for name in names), strict=False)
        return ".".join([column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)][::-1])

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The layers that are nested, in deploy order."""
        deployment = self.system.deployment(self.environment.name)
        return tuple(layer for layer in deployment.stacks if layer not in self.left_out)

    @cached_property
    def files(self) -> dict[str, str]:
        """Where the templates of the layers lie, seen from the root of the repository.

        Raises:
            InputError: one lies elsewhere.
        """
        manifest = self.system.manifest
        folder = manifest.path.resolve().parents[2]
        found = {}
        for layer in self.layers:
            path = manifest.layers[layer].template.resolve()
            if not path.is_relative_to(folder):
                raise InputError("taskcat takes templates of this repository only", manifest.layers[layer].mark)
            found[layer] = path.relative_to(folder).as_posix()
        return found

    @cached_property
    def left_out(self) -> dict[str, str]:
        """The layers that cannot be nested, because a nested stack stands where its parent does, and their regions."""
        manifest, home = self.system.manifest, self.environment.region
        return {
            name: region
            for name in self.system.deployment(self.environment.name).stacks
            if (region := manifest.layers[name].region or home) != home
        }

    @property
    def template(self) -> dict[str, Any]:
        """The template, as data.

        Raises:
            InputError: the manifest is wrong, or a layer takes an output of one that cannot be nested.
        """
        bound = [layer for layer in self.layers if self._is_bound(layer)]
        sections: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"{self.system.name} {self.environment.name} as one stack of nested stacks, for taskcat.",
            "Metadata": {"AWS::CloudFormation::Interface": self._interface()},
            "Parameters": self._parameters(),
        }
        if bound:
            sections["Conditions"] = {"IsAtHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, self.environment.region]}}
        sections["Resources"] = {_logical_id(layer): self._nested(layer) for layer in self.layers}
        sections["Outputs"] = {
            "System": {"Description": "Name under which the system was deployed.", "Value": {"Ref": "System"}},
            "Environment": {"Description": "Environment that was deployed.", "Value": self.environment.name},
        }
        return sections

    @property
    def tests(self) -> dict[str, Any]:
        """What taskcat is told to do with the template: deploy it at home, and under other names elsewhere."""
        return {
            self.name: self._test(self.system.name, self.domain, self.environment.region),
            f"{self.name}-{self.second}": self._test(
                self.second_system, f"{self.second_system}.{self.domain}", self.second
            ),
        }

    def _test(self, system: str, domain: str, region: str) -> dict[str, Any]:
        parameters = {"System": system} | ({"Domain": domain} if self.domain else {})
        return {
            "template": self.file,
            "regions": [region],
            # Names of roles, buckets and instances begin with it, as they do where each layer is a stack.
            "stack_name": f"{system}-{self.environment.name}",
            "parameters": parameters,
        }

    def _is_bound(self, layer: str) -> bool:
        """Return whether a layer may stand in one region only: its manifest names that region."""
        return self.system.manifest.layers[layer].region is not None

    @cached_property
    def _texts(self) -> list[tuple[str, str]]:
        return [
            (name, value)
            for layer in self.system.deployment(self.environment.name).stacks
            for name, value in values_for(self.system.manifest.layers[layer], self.environment.name)[0].items()
            if isinstance(value, str)
        ]

    def _interface(self) -> dict[str, Any]:
        labels = {"System": "System", "Domain": "Domain", "Bucket": "Bucket", "KeyPrefix": "Key prefix"}
        known = self._parameters()
        groups = (("System", ("System", "Domain")), ("Templates", ("Bucket", "KeyPrefix")))
        return {
            "ParameterGroups": [
                {"Label": {"default": label}, "Parameters": [name for name in names if name in known]}
                for label, names in groups
            ],
            "ParameterLabels": {name: {"default": label} for name, label in labels.items() if name in known},
        }

    def _parameters(self) -> dict[str, Any]:
        found = {
            "System": {
                "Type": "String",
                "Description": "Name of the system; another one where it stands twice in an account.",
                "Default": self.system.name,
                "AllowedPattern": "^[a-z][a-z0-9]{1,15}$",
                "ConstraintDescription": _LENGTHS,
            }
        }
        if self.domain:
            found["Domain"] = {
                "Type": "String",
                "Description": "Domain of the system, in the hosted zone that the account holds.",
                "Default": self.domain,
                "AllowedPattern": r"^([a-z0-9][a-z0-9-]{0,62}\.){1,5}[a-z]{2,20}$",
                "ConstraintDescription": "a domain name in lower case.",
            }
        found["Bucket"] = {
            "Type": "String",
            "Description": "Bucket of the stack's region to which taskcat has copied the layers' templates.",
            "AllowedPattern": r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
            "ConstraintDescription": "the name of a bucket.",
        }
        found["KeyPrefix"] = {
            "Type": "String",
            "Description": "What the keys of these copies begin with.",
            "Default": "stackproof",
            "AllowedPattern": "^[A-Za-z0-9._-]{1,100}(/[A-Za-z0-9._-]{1,100}){0,5}$",
            "ConstraintDescription": "a path without a slash at its end.",
        }
        return found

    def _nested(self, layer: str) -> dict[str, Any]:
        deployment = self.system.deployment(self.environment.name)
        values, _ = values_for(self.system.manifest.layers[layer], self.environment.name)
        given = {"System": {"Ref": "System"}, "Environment": self.environment.name}
        given |= {name: self._value(layer, name, value) for name, value in values.items()}
        given |= {name: value for name, value in _OTHERWISE.items() if name in self.system.templates[layer].parameters}
        handed = {value.layer for value in values.values() if isinstance(value, OutputOf)}
        needed = [
            _logical_id(other)
            for other in self.layers
            # What hands something over is waited for anyway.
            if other in deployment.needs()[layer] - handed
        ]
        return (
            {"Type": "AWS::CloudFormation::Stack"}
            | ({"Condition": "IsAtHome"} if self._is_bound(layer) else {})
            # Exports are found by their names: nothing but this says that a layer needs them.
            | ({"DependsOn": needed} if needed else {})
            | {
                "Properties": {
                    "TemplateURL": {
                        "Fn::Sub": f"https://${{Bucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{KeyPrefix}}/{self.files[layer]}"
                    },
                    "TimeoutInMinutes": CREATION_MINUTES,
                    "Parameters": given,
                    "Tags": [
                        {"Key": "Name", "Value": {"Fn::Sub": f"${{System}}-{self.environment.name}-{layer}"}},
                        {"Key": "System", "Value": {"Ref": "System"}},
                        {"Key": "Environment", "Value": self.environment.name},
                        {"Key": "Layer", "Value": layer},
                    ],
                }
            }
        )

    def _value(self, layer: str, name: str, value: str | OutputOf) -> Any:
        if isinstance(value, OutputOf):
            if value.layer in self.left_out:
                mark = self.system.manifest.layers[layer].marks[name]
                raise InputError(f"'{value.layer}' stands in another region and cannot be nested beside it", mark)
            return {"Fn::GetAtt": [_logical_id(value.layer), f"Outputs.{value.output}"]}
        if self.domain and (name == "DomainName" or f"://{self.domain}" in value) and self.domain in value:
            before, _, after = value.partition(self.domain)
            return {"Fn::Sub": f"{before}${{Domain}}{after}"} if before or after else {"Ref": "Domain"}
        if name == "Image" and value.startswith(self.system.name):
            # Roles may pull what begins with the name of their system only.
            return {"Fn::Sub": f"${{System}}{value.removeprefix(self.system.name)}"}
        return value


# What cannot be as the manifest says where a system comes and goes every night.
_OTHERWISE: dict[str, Any] = {
    # An account has one provider of GitHub's, and whoever deploys from a workflow came in by it.
    "OidcProvider": "existing",
    # The images stand in the account before, in the system's repository; the one that is made here stays empty.
    "RepositoryName": {"Fn::Sub": "${System}/taskcat"},
}


def roots(systems: Iterable[System]) -> list[Root]:
    """Return the root of each system that has an environment which is not protected, by name."""
    found = []
    for system in sorted(systems, key=lambda system: system.name):
        free = [one for one in system.manifest.environments.values() if not one.protected]
        if free:
            second = next(region for region in SECOND_REGIONS if region != free[0].region)
            found.append(Root(system, free[0], second))
    return found


def _logical_id(layer: str) -> str:
    return "".join(part.capitalize() for part in re.split("[-_]", layer))
