"""Systems of one layer with many resources, to be simulated."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """\
system: many
region: eu-west-1
environments: {dev: {branch: dev}}
layers: {only: {template: only.yaml}}
"""


def write(folder: Path, resources: int) -> Path:
    """Write a system and return its manifest: half topics, half the parameters that name them."""
    folder.mkdir()
    lines = ["Resources:"]
    for number in range(resources // 2):
        lines.append(f"  Topic{number}: {{Type: AWS::SNS::Topic}}")
        value = f"{{Type: String, Value: !Ref Topic{number}}}"
        lines.append(f"  Name{number}: {{Type: AWS::SSM::Parameter, Properties: {value}}}")
    (folder / "only.yaml").write_text("\n".join(lines) + "\n")
    manifest = folder / "many.yaml"
    manifest.write_text(MANIFEST)
    return manifest
