"""Where a stack is deployed: what the pseudo parameters say."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.symbols import Pseudo, Symbol

# Region prefix -> partition and URL suffix, most specific first (botocore's endpoints data, "partitions").
_PARTITIONS = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("", "aws", "amazonaws.com"),
)

PSEUDO_PARAMETERS = (
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about the place of a stack; None means that nobody knows before deployment.

    Attributes:
        stack: the name by which references to this stack's resources are told apart (the layer's name).
        stack_name: ``AWS::StackName``.
        region: ``AWS::Region``; partition and URL suffix follow from it.
        account: ``AWS::AccountId``.
    """

    stack: str = ""
    stack_name: str | None = None
    region: str | None = None
    account: str | None = None

    def pseudo(self, name: str) -> str | Symbol:
        """Return a pseudo parameter's value, or a symbol where it is not known."""
        known = {"AWS::Region": self.region, "AWS::StackName": self.stack_name, "AWS::AccountId": self.account}
        if self.region is not None:
            _, partition, suffix = next(row for row in _PARTITIONS if self.region.startswith(row[0]))
            known |= {"AWS::Partition": partition, "AWS::URLSuffix": suffix}
        value = known.get(name)
        return Pseudo(name) if value is None else value
