"""moto's way in: which addresses are answered."""

from __future__ import annotations

from stackproof.simulate.cloudformation.responses import CloudFormationResponse

url_bases = [r"https?://cloudformation\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/$": CloudFormationResponse.dispatch}
