"""What an account must hold before a system is deployed, and what stands in for it in a simulated account."""

from __future__ import annotations

import json
from functools import partial

from stackproof import Deployment, parse_template
from stackproof.compose.templates import deployment_of_templates
from stackproof.simulate import simulated_account
from stackproof.simulate.prerequisites import prerequisites, provide

TEMPLATE = """\
Parameters: {Environment: {Type: String, Default: dev}}
Resources:
  Own: {Type: AWS::SecretsManager::Secret, Properties: {Name: !Sub 'shop/${Environment}/own'}}
  Unnamed: {Type: AWS::SecretsManager::Secret}
  Key: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/key, Type: String, Value: a}}
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Sub '{{resolve:ssm:/shop/${Environment}/zone}}'
      Name: api.dev.shop.example.org
  Certificate:
    Type: AWS::CertificateManager::Certificate
    Properties:
      DomainName: dev.shop.example.org.
      DomainValidationOptions: [{DomainName: dev.shop.example.org, HostedZoneId: '{{resolve:ssm:/shop/dev/zone}}'}]
  Caller:
    Type: AWS::SNS::Subscription
    Properties: {Endpoint: '{{resolve:secretsmanager:shop/pager:SecretString:url}}'}
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Sub 'a {{resolve:secretsmanager:shop/pager:SecretString:name}} b'
      Tags:
        - {Key: a, Value: !Sub '{{resolve:secretsmanager:shop/${Environment}/own:SecretString:a}}'}
        - {Key: b, Value: !Sub '{{resolve:secretsmanager:${Unnamed}:SecretString:b}}'}
        - {Key: c, Value: '{{resolve:ssm:/shop/key}}'}
        - {Key: d, Value: '{{resolve:ssm:/shop/word:1}}'}
        - {Key: e, Value: '{{resolve:ssm:/aws/service/global-infrastructure/regions/eu-west-1/longName}}'}
"""


def _deployment() -> Deployment:
    return deployment_of_templates({"shop": parse_template(TEMPLATE)})


def test_what_no_stack_makes_must_stand_before() -> None:
    """What a stack makes itself, by name or by reference, is no prerequisite, and neither is what AWS offers."""
    assert [str(needed) for needed in prerequisites(_deployment())] == [
        "the secret shop/pager must stand in the account before (shop/Caller, shop/Topic); a stand-in was put there",
        "the parameter /shop/dev/zone must stand in the account before (shop/Record, shop/Certificate); "
        "a stand-in was put there",
        "the parameter /shop/word must stand in the account before (shop/Topic); a stand-in was put there",
    ]


def test_stand_ins_fit_what_reads_them() -> None:
    """A zone is a zone that can hold the records; a secret has the keys that are asked for."""
    with simulated_account("eu-west-1") as account:
        for needed in prerequisites(_deployment()):
            provide(needed, partial(account.client, region=needed.region))
        zone = account.client("ssm").get_parameter(Name="/shop/dev/zone")["Parameter"]["Value"]
        secret = json.loads(account.client("secretsmanager").get_secret_value(SecretId="shop/pager")["SecretString"])
        name = account.client("route53").get_hosted_zone(Id=zone)["HostedZone"]["Name"]
        word = account.client("ssm").get_parameter(Name="/shop/word")["Parameter"]["Value"]
    assert (name, word) == ("dev.shop.example.org.", "stand-in")
    assert secret == {"url": "https://stand-in.example.com/", "name": "stand-in"}


def test_a_system_without_such_references_needs_nothing() -> None:
    """Most systems find all that they need in their own stacks."""
    assert prerequisites(deployment_of_templates({"a": parse_template("Resources: {T: {Type: 'a::b::c'}}")})) == ()
