"""Simulate: a system is deployed by the real deployer into an account that exists in memory only.

`simulate` gives the report of one system in one environment, `simulate_all` that of several; both tell a callback of
each `stackproof.deploy.Event`. `standing` leaves a deployment there, for tests that ask the services themselves;
`simulated_account` is the account alone.
boto3 and moto are imported when a simulation starts, never before.
"""

from stackproof.deploy import Event
from stackproof.simulate.account import SimulatedAccount, simulated_account
from stackproof.simulate.plan import Wishes
from stackproof.simulate.run import Progress, simulate, simulate_all
from stackproof.simulate.standing import Simulated, standing

__all__ = [
    "Event",
    "Progress",
    "Simulated",
    "SimulatedAccount",
    "Wishes",
    "simulate",
    "simulate_all",
    "simulated_account",
    "standing",
]
