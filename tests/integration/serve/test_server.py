"""`stackproof serve`: a simulated account for whatever speaks to AWS."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stackproof.simulate.server import is_loopback
from tests.integration.serve.conftest import STACKPROOF, Served, serving

NETWORK = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
        "CacheSubnets": {
            "Type": "AWS::ElastiCache::SubnetGroup",
            "Properties": {"Description": "Where the cache stands", "SubnetIds": [{"Ref": "Subnet"}]},
        },
    },
    "Outputs": {"VpcId": {"Value": {"Ref": "Vpc"}}, "CacheSubnets": {"Value": {"Ref": "CacheSubnets"}}},
}


def _create(served: Served, template: dict[str, Any] = NETWORK) -> dict[str, str]:
    cloudformation = served.client("cloudformation")
    cloudformation.create_stack(StackName="network", TemplateBody=json.dumps(template))
    (stack,) = cloudformation.describe_stacks(StackName="network")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_a_stack_is_seen_through_the_services(served: Served) -> None:
    outputs = _create(served)
    shown = served.client("ec2").describe_vpc_attribute(VpcId=outputs["VpcId"], Attribute="enableDnsHostnames")
    assert shown["EnableDnsHostnames"] == {"Value": True}
    (group,) = served.client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"]
    assert group["CacheSubnetGroupName"] == outputs["CacheSubnets"]


def test_what_moto_lacks_is_there_too(served: Served) -> None:
    cloudfront = served.client("cloudfront")
    config = {
        "Name": "site",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=config)["OriginAccessControl"]
    listed = cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    assert [item["Id"] for item in listed["Items"]] == [made["Id"]]


def test_an_object_comes_back(served: Served) -> None:
    s3 = served.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="a/b.json", Body=b"{}")
    assert s3.get_object(Bucket="templates", Key="a/b.json")["Body"].read() == b"{}"


def test_a_template_comes_from_a_bucket(served: Served) -> None:
    s3 = served.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="network.json", Body=json.dumps(NETWORK).encode())
    cloudformation = served.client("cloudformation")
    cloudformation.create_stack(StackName="network", TemplateURL=f"{served.endpoint}/templates/network.json")
    (stack,) = cloudformation.describe_stacks(StackName="network")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_regions_are_apart(served: Served) -> None:
    _create(served)
    assert served.client("cloudformation", "eu-west-1").describe_stacks()["Stacks"] == []


def test_a_reset_empties_the_account(served: Served) -> None:
    _create(served)
    test_what_moto_lacks_is_there_too(served)
    served.reset()
    assert served.client("cloudformation").describe_stacks()["Stacks"] == []
    assert served.client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"] == []
    listed = served.client("cloudfront").list_origin_access_controls()["OriginAccessControlList"]
    assert listed["Quantity"] == 0


def test_requests_at_the_same_time_are_answered_one_after_the_other(served: Served) -> None:
    outcomes: list[str] = []
    clients = [served.client("cloudformation") for _ in range(4)]

    def create(name: str) -> None:
        client = clients.pop()
        client.create_stack(StackName=name, TemplateBody=json.dumps(NETWORK))
        outcomes.append(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    threads = [threading.Thread(target=create, args=(f"network-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes == ["CREATE_COMPLETE"] * 4


def test_what_is_not_simulated_says_so(served: Served) -> None:
    with pytest.raises(ClientError) as refused:
        served.client("ec2").describe_verified_access_endpoints()
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert refused.value.response["Error"]["Message"].startswith("not simulated: ")
    assert served.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_only_this_machine_reaches_it(served: Served) -> None:
    """A second socket can take the same port at another address: the first does not listen at all of them."""
    with socket.socket() as other:
        other.bind(("127.0.0.2", served.port))


def test_the_first_lines_say_how_to_use_it() -> None:
    with serving() as server:
        ended = server.stop()
    assert ended.out.splitlines() == [
        f"  export AWS_ENDPOINT_URL={server.endpoint} AWS_DEFAULT_REGION=us-east-1",
        "  export AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly(number: int) -> None:
    with serving() as server:
        server.client("sts").get_caller_identity()
        ended = server.stop(number)
    assert (ended.code, ended.err) == (0, "")


def test_it_logs_when_asked() -> None:
    with serving("--verbose") as server:
        server.client("sts").get_caller_identity()
        ended = server.stop()
    assert ended.err == "POST / 200\n"


def test_the_environment_leads_it_nowhere() -> None:
    """Whoever has set AWS_ENDPOINT_URL for the clients may start the server in the same terminal."""
    with serving(AWS_ENDPOINT_URL="http://127.0.0.1:9") as server:
        _create(server)


def test_a_port_that_is_taken(served: Served) -> None:
    done = subprocess.run(
        [STACKPROOF, "serve", "--port", str(served.port)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"stackproof: cannot listen on 127.0.0.1 port {served.port}: Address already in use\n",
    )


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.0.1.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - it is only judged
        ("192.0.2.1", False),
        ("::", False),
        ("example.com", False),
    ],
)
def test_loopback(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer
