"""What CloudFormation accepts at most ("Understand CloudFormation quotas" in the AWS CloudFormation user guide)."""

TEMPLATE_BYTES = 1_048_576
"""A template that lies in a bucket."""

REQUEST_BYTES = 51_200
"""A template that is sent in a request."""
