"""What `stackproof.policy` says about origins, deliveries, and documents that are text, beyond what the tables show."""

from typing import Any

import pytest

from stackproof.compose.deployment import Deployment
from stackproof.compose.templates import deployment_of_templates
from stackproof.load.reader import read_text
from stackproof.load.template import template_of
from stackproof.policy import Imported, Reference, Text, Unbound
from stackproof.policy.distributions import bucket_of, default_origin, kind_of, origins, runs_code
from stackproof.policy.documents import parsed
from stackproof.policy.reading import may_be_any
from stackproof.symbols import Pseudo

ACCOUNT = Pseudo("AWS::AccountId")


def deployed(resources: str) -> Deployment:
    """Return the deployment of one template without parameters."""
    template = template_of(read_text(f"Parameters: {{Domain: {{Type: String}}}}\nResources:\n{resources}", "template"))
    return deployment_of_templates({"edge": template})


@pytest.mark.parametrize(
    ("origin", "kind"),
    [
        ("DomainName: !GetAtt Bucket.DomainName", "bucket"),
        ("DomainName: !GetAtt Bucket.RegionalDomainName", "bucket"),
        ("DomainName: !GetAtt Bucket.DualStackDomainName", "bucket"),
        ("DomainName: !Sub '${Bucket}.s3.amazonaws.com'", "bucket"),
        ("DomainName: !Join ['.', [!Ref Bucket, s3, !Ref AWS::Region, !Ref AWS::URLSuffix]]", "bucket"),
        ("DomainName: files.S3.dualstack.eu-west-1.amazonaws.com", "bucket"),
        ("DomainName: files.s3-eu-west-1.amazonaws.com", "bucket"),
        ("DomainName: !Ref Domain, S3OriginConfig: {}", "bucket"),
        ("DomainName: !Select [2, !Split ['/', !GetAtt Bucket.WebsiteURL]]", "website"),
        ("DomainName: !Sub '${Bucket}.s3-website-${AWS::Region}.amazonaws.com'", "website"),
        ("DomainName: files.s3-website.eu-central-1.amazonaws.com", "website"),
        ("DomainName: a1.lambda-url.eu-west-1.on.aws", "function"),
        ("DomainName: !Select [2, !Split ['/', !GetAtt Url.FunctionUrl]]", "function"),
        ("DomainName: inside.example.com, VpcOriginConfig: {VpcOriginId: vo_1}", "private"),
        ("DomainName: !GetAtt LoadBalancer.DNSName", "server"),
        ("DomainName: !Ref Domain", "server"),
        ("DomainName: s3.example.com", "server"),
        ("Id: a", "server"),
    ],
)
def test_kind_of_an_origin(origin: str, kind: str) -> None:
    """By the attribute that names it, by the form of the name, or by what stands beside it."""
    deployment = deployed(
        f"""
  Bucket: {{Type: AWS::S3::Bucket}}
  LoadBalancer: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer}}
  Url: {{Type: AWS::Lambda::Url}}
  Site: {{Type: AWS::CloudFront::Distribution, Properties: {{DistributionConfig: {{Origins: [{{{origin}}}]}}}}}}
"""
    )
    (found,) = origins(deployment["edge"]["Site"])
    assert kind_of(found, deployment) == kind
    assert (bucket_of(found, deployment) is not None) is ("Bucket" in origin)


@pytest.mark.parametrize(("target", "found"), [("first", "first"), ("both", "first"), ("empty", None), ("third", None)])
def test_origin_of_the_default_behaviour(target: str, found: str | None) -> None:
    """Itself, or the first of a group."""
    deployment = deployed(
        f"""
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        DefaultCacheBehavior: {{TargetOriginId: {target}}}
        OriginGroups:
          Items:
            - {{Id: both, Members: {{Items: [{{OriginId: first}}, {{OriginId: second}}]}}}}
            - {{Id: empty}}
        Origins: [{{Id: second, DomainName: b.example.com}}, {{Id: first, DomainName: a.example.com}}]
"""
    )
    origin = default_origin(deployment["edge"]["Site"])
    assert (origin and origin["Id"]) == found


@pytest.mark.parametrize(("event", "runs"), [("viewer-request", True), ("viewer-response", False)])
def test_code_at_an_event(event: str, runs: bool) -> None:
    """Functions of CloudFront and of Lambda count alike."""
    deployment = deployed(
        f"""
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        DefaultCacheBehavior: {{LambdaFunctionAssociations: [{{EventType: {event}, LambdaFunctionARN: a}}]}}
"""
    )
    behaviour = deployment["edge"]["Site"].block("DistributionConfig").block("DefaultCacheBehavior")
    assert runs_code(behaviour, "viewer-request", "origin-request") is runs


@pytest.mark.parametrize(
    ("document", "content"),
    [
        ('{"a": ["b", 1, true]}', {"a": ["b", 1, True]}),
        (Text(('{"a": "arn:', ACCOUNT, ':b"}')), {"a": Text(("arn:", ACCOUNT, ":b"))}),
        (Text(('{"a": ["', ACCOUNT, '"]}')), {"a": [ACCOUNT]}),
        (
            Text(('{"a": "', ACCOUNT, "/", Reference("", "Key"), '"}')),
            {"a": Text((ACCOUNT, "/", Reference("", "Key")))},
        ),
        (Text(('{"a": ', Unbound("Rest"), "}")), None),
        (Text((Unbound("Rest"), "")), None),
        ("no JSON", None),
        ({"a": "b"}, {"a": "b"}),
    ],
)
def test_document_that_is_text(document: Any, content: Any) -> None:
    """Symbols keep their place inside of strings; one that stands for more makes the document unreadable."""
    assert parsed(document) == content


@pytest.mark.parametrize(
    ("value", "any_thing"),
    [
        (None, False),
        ("arn:aws:a", False),
        (ACCOUNT, False),
        (Reference("", "Topic"), False),
        (Text(("arn:aws:sns:", ACCOUNT, ":topic")), False),
        (Unbound("Topic"), True),
        (Imported("topic"), True),
        (Text(("arn:aws:sns:", ACCOUNT, ":", Unbound("Topic"))), True),
    ],
)
def test_what_may_be_anything(value: Any, any_thing: bool) -> None:
    """Accounts and resources are something in particular; parameters and imports may be whatever they are."""
    assert may_be_any(value) is any_thing
