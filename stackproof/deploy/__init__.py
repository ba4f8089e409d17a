"""Deploy: the stacks of a `Deployment` are created and deleted through plain boto3.

Real accounts and the simulation get the same calls from the same code, so that what the gate has seen is what an
account gets. Nothing here imports boto3: the caller hands in a CloudFormation client.
"""

from stackproof.deploy.deployer import Deployer
from stackproof.deploy.event import Action, DeployError, Event
from stackproof.deploy.layer import Terms

__all__ = ["Action", "DeployError", "Deployer", "Event", "Terms"]
