"""The accounts of the kiosk's environments, who listens in them, and the kiosk itself, which runs outside of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.integration.conftest import Served


@dataclass
class Account:
    """One environment's account.

    Attributes:
        environment: its name.
        served: the server that is the account.
    """

    environment: str
    served: Served

    @cached_property
    def cloudformation(self) -> Any:
        """A client of CloudFormation."""
        return self.served.client("cloudformation")

    @cached_property
    def sqs(self) -> Any:
        """A client of SQS."""
        return self.served.client("sqs")

    @cached_property
    def ssm(self) -> Any:
        """A client of Systems Manager, whose parameters say which version runs."""
        return self.served.client("ssm")

    @cached_property
    def sns(self) -> Any:
        """A client of SNS."""
        return self.served.client("sns")

    @property
    def version(self) -> str:
        """The version of the kiosk that runs here."""
        return str(self.ssm.get_parameter(Name=f"/kiosk/{self.environment}/version")["Parameter"]["Value"])

    def listen(self) -> None:
        """Have the messages of both topics kept."""
        outputs = {each["OutputKey"]: each["OutputValue"] for each in self._stack("monitoring")["Outputs"]}
        for name in ("CriticalTopicArn", "InformationTopicArn"):
            queue = f"arn:aws:sqs:us-east-1:123456789012:{name}"
            self.sqs.create_queue(QueueName=name)
            self.sns.subscribe(TopicArn=outputs[name], Protocol="sqs", Endpoint=queue)

    def heard(self) -> list[tuple[str, str]]:
        """What the topics have told since somebody asked last: topic and subject."""
        found = []
        for name in ("CriticalTopicArn", "InformationTopicArn"):
            url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
            while messages := self.sqs.receive_message(QueueUrl=url).get("Messages"):
                for message in messages:
                    body = json.loads(message["Body"])
                    found.append((name.removesuffix("TopicArn").lower(), body["Subject"]))
                    self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def what_stands(self) -> dict[str, Any]:
        """All that can be seen of the kiosk here but when and how it came about."""
        parameters = self.ssm.describe_parameters()["Parameters"]
        topics = [each["TopicArn"] for each in self.sns.list_topics()["Topics"]]
        return {
            "stacks": {layer: self._seen(layer) for layer in ("monitoring", "networking", "application")},
            "parameters": {
                each["Name"]: self.ssm.get_parameter(Name=each["Name"])["Parameter"]["Value"] for each in parameters
            },
            "topics": {topic: self.sns.get_topic_attributes(TopicArn=topic)["Attributes"] for topic in topics},
            "queues": sorted(self.sqs.list_queues().get("QueueUrls", ())),
        }

    def set_version_by_hand(self, version: str) -> None:
        """Update the application as somebody does who knows of no pipeline."""
        name = f"kiosk-{self.environment}-application"
        kept = [each["ParameterKey"] for each in self._stack("application")["Parameters"]]
        change_set = self.cloudformation.create_change_set(
            StackName=name,
            ChangeSetName="by-hand",
            UsePreviousTemplate=True,
            Parameters=[
                {"ParameterKey": "Version", "ParameterValue": version},
                *({"ParameterKey": key, "UsePreviousValue": True} for key in kept if key != "Version"),
            ],
        )
        self.cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
        self.cloudformation.get_waiter("stack_update_complete").wait(StackName=name)

    def executed(self, layer: str) -> str:
        """The id of the change set that made a layer's stack what it is."""
        return str(self._stack(layer)["ChangeSetId"])

    def stacks(self) -> list[str]:
        """The names of all stacks, in order."""
        return sorted(each["StackName"] for each in self.cloudformation.describe_stacks()["Stacks"])

    def _stack(self, layer: str) -> dict[str, Any]:
        (stack,) = self.cloudformation.describe_stacks(StackName=f"kiosk-{self.environment}-{layer}")["Stacks"]
        return dict(stack)

    def _seen(self, layer: str) -> dict[str, Any]:
        stack = self._stack(layer)
        name = stack["StackName"]
        resources = self.cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        policy = self.cloudformation.get_stack_policy(StackName=name).get("StackPolicyBody")
        return {
            "id": stack["StackId"],
            "template": self.cloudformation.get_template(StackName=name)["TemplateBody"],
            "parameters": sorted((each["ParameterKey"], each["ParameterValue"]) for each in stack["Parameters"]),
            "outputs": stack["Outputs"],
            "tags": sorted((each["Key"], each["Value"]) for each in stack["Tags"]),
            "resources": {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
            "protected": stack["EnableTerminationProtection"],
            "policy": json.loads(policy) if policy else None,
        }


@dataclass
class Website:
    """What answers over HTTP on this machine.

    Attributes:
        address: where.
        received: what was posted.
    """

    address: str = ""
    received: list[str] = field(default_factory=list)


@contextmanager
def website(answer: Callable[[str], tuple[int, str]]) -> Iterator[Website]:
    """Answer over HTTP; ``answer`` gives status and text for a path."""
    site = Website()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*answer(self.path))

        def do_POST(self) -> None:
            site.received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._send(*answer(self.path))

        def _send(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def kiosk(account: Account) -> Callable[[str], tuple[int, str]]:
    """Return how the kiosk answers: its version 2 does not stand production."""

    def answer(path: str) -> tuple[int, str]:
        version = account.version
        if account.environment == "prod" and version == "2":
            return 500, "the till is locked"
        return 200, f"kiosk {version}" if path == "/" else "well"

    return answer
