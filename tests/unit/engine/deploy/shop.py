"""A system small enough to be read, which tests change."""

from __future__ import annotations

from pathlib import Path

from stackproof import Deployment, load_system

MANIFEST = """\
system: shop
description: Two topics and a bucket.
region: us-east-1
environments:
  dev:  {branch: dev}
  prod: {branch: main, protected: true}
layers:
  base:
    template: base.yaml
  files:
    template: files.yaml
    region: us-west-2
    parameters:
      TopicName: {output: base.TopicName}
"""
BASE = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: first
Outputs:
  TopicName:
    Value: !GetAtt Topic.TopicName
  Url:
    Value: https://shop.example.com
"""
FILES = """\
Parameters:
  TopicName:
    Type: String
    AllowedPattern: '[A-Za-z0-9_-]+'
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
  Note:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !Ref TopicName
"""


class Shop:
    """A system in a folder of its own, which tests change.

    Attributes:
        manifest: the path of its manifest.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.manifest = folder / "shop.yaml"
        for name, text in (("shop", MANIFEST), ("base", BASE), ("files", FILES)):
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def deployment(self, environment: str = "dev") -> Deployment:
        """Return what the files say now."""
        return load_system(self.manifest).deployment(environment)

    def change(self, file: str, old: str, new: str) -> None:
        """Replace a text that a file holds; ``file`` is shop, base or files."""
        path = self._folder / f"{file}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
