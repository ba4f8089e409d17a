"""``stackproof serve``: the simulated account for any AWS client."""

from __future__ import annotations

import signal
from typing import Any

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=4566, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--allow-unsimulated", "allowed", metavar="TYPE", multiple=True, help="Let a type pass that is not simulated."
)
@click.option("--verbose", is_flag=True, help="Say of each request how it was answered.")
def command(host: str, port: int, allowed: tuple[str, ...], verbose: bool) -> int:
    """Serve a simulated AWS account, until Ctrl-C.

    Whatever speaks to AWS speaks to it when AWS_ENDPOINT_URL is what the first line says. It keeps nothing: when it
    ends, the account is gone; a POST to /moto-api/reset empties it sooner.
    """
    from stackproof.simulate.server import REGION, Server, is_loopback

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server = Server(host, port, frozenset(allowed), _log if verbose else None)
        if not is_loopback(host):
            click.echo("stackproof: whoever reaches this address can use the simulated account", err=True)
        # In one piece: who has read the first line may end it at once.
        click.echo(
            f"Serving a simulated AWS account at {server.endpoint}\n"
            f"  export AWS_ENDPOINT_URL={server.endpoint} AWS_DEFAULT_REGION={REGION}\n"
            "  export AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated"
        )
        server.run()
    except KeyboardInterrupt:
        pass
    return 0


def _log(line: str) -> None:
    click.echo(line, err=True)
