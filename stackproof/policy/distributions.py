"""Facts about CloudFront distributions for policies: behaviours, origins, and what kind of thing an origin is.

Sources: "AWS::CloudFront::Distribution" in the AWS CloudFormation template reference; "Use various origins with
CloudFront distributions" in the Amazon CloudFront developer guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements, leaves, stated
from stackproof.policy.documents import pattern_text
from stackproof.policy.reading import blocks, each_block
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block
from stackproof.symbols import Reference

DISTRIBUTION = "AWS::CloudFront::Distribution"

_WEBSITE = re.compile(r"\.s3-website[.-]")
_BUCKET = re.compile(r"\.s3[.-]")


def configuration(distribution: Resource) -> Block:
    """Return what a distribution is made of.

    Raises:
        Undecidable: it is known only after deployment.
    """
    return distribution.block("DistributionConfig")


def behaviours(distribution: Resource) -> Iterator[Block]:
    """Iterate over the default behaviour and the others, judged independently."""
    return each_block(configuration(distribution), "DefaultCacheBehavior", "CacheBehaviors")


def origins(distribution: Resource) -> Iterator[Block]:
    """Iterate over the origins, judged independently."""
    return each_block(configuration(distribution), "Origins")


def certificates(distribution: Resource) -> Iterator[Block]:
    """Iterate over what viewers are shown, where it is a certificate of one's own."""
    for certificate in each_block(configuration(distribution), "ViewerCertificate"):
        if has_own_certificate(certificate):
            yield certificate


def has_own_certificate(certificate: Block) -> bool:
    """Return whether a ``ViewerCertificate`` names a certificate.

    Raises:
        Undecidable: it does under a condition that is not known.
    """
    return stated(certificate, "AcmCertificateArn") or stated(certificate, "IamCertificateId")


def kind_of(origin: Block, deployment: Deployment) -> str:
    """Return what an origin is.

    Returns:
        ``bucket`` for the REST endpoint of S3, ``website`` for that of a website of S3, ``function`` for the URL of a
        Lambda function, ``private`` for one inside of a VPC, ``server`` for everything else.
    """
    if "VpcOriginConfig" in origin:
        return "private"
    domain = origin.get("DomainName", "")
    name = pattern_text(domain).lower()
    sources = [(deployment.follow(leaf), leaf.attribute) for leaf in leaves(domain) if isinstance(leaf, Reference)]
    attributes = {attribute for _, attribute in sources}
    if _WEBSITE.search(name) or "WebsiteURL" in attributes:
        return "website"
    if ".lambda-url." in name or "FunctionUrl" in attributes:
        return "function"
    named = any(source is not None and source.type == "AWS::S3::Bucket" for source, _ in sources)
    return "bucket" if named or _BUCKET.search(name) or "S3OriginConfig" in origin else "server"


def bucket_of(origin: Block, deployment: Deployment) -> Resource | None:
    """Return the bucket that an origin is, in whichever stack it lives; None where no template shows it."""
    for leaf in leaves(origin.get("DomainName")):
        found = deployment.follow(leaf)
        if found is not None and found.type == "AWS::S3::Bucket":
            return found
    return None


def default_origin(distribution: Resource) -> Block | None:
    """Return the origin of the default behaviour, the first one of its group; None where there is none.

    Raises:
        Undecidable: which origins there are is known only after deployment.
    """
    config = configuration(distribution)
    target = config.block("DefaultCacheBehavior").get("TargetOriginId")
    for group in blocks(config.block("OriginGroups"), "Items"):
        if group.get("Id") == target:
            members = blocks(group.block("Members"), "Items")
            target = members[0].get("OriginId") if members else None
            break
    return next((origin for origin in blocks(config, "Origins") if origin.get("Id") == target), None)


def serves_bucket(distribution: Resource, deployment: Deployment) -> bool:
    """Return whether a bucket answers what no other behaviour does.

    Raises:
        Undecidable: that is known only after deployment.
    """
    origin = default_origin(distribution)
    return origin is not None and kind_of(origin, deployment) == "bucket"


def runs_code(behaviour: Block, *events: str) -> bool:
    """Return whether a function of one's own may change requests or responses at some events."""
    associations: tuple[Any, ...] = (
        *elements(behaviour, "FunctionAssociations"),
        *elements(behaviour, "LambdaFunctionAssociations"),
    )
    return any(not isinstance(found, Block) or found.get("EventType") in events for found in associations)
