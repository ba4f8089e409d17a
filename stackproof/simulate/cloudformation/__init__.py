"""CloudFormation, as it behaves by its documentation, in front of moto's services.

moto finds a service by the package of its backend: `models` (the backend), `urls` and `responses` here take the place
of its own CloudFormation. What they answer comes from `front`, which knows nothing of moto:

    request ──`requests`──▶ Target ──`life`──▶ resources, events, statuses (`record`) ──`describe`──▶ answer

`changes` says what an update would do, `schemas` what a property's change requires; `refusals` holds AWS's wording.
"""
