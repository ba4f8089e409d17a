"""List prices in us-east-1, in US dollars, on demand, without free tiers.

Sources: the pricing pages of the services (aws.amazon.com/<service>/pricing), 2026. An estimate is about proportions:
which environment, which layer, which change costs how much. Contracts and other regions differ, and prices move.
"""

REGION = "us-east-1"
HOURS = 730
"""Hours of a month, as AWS counts them."""

# EC2, Linux, per hour.
INSTANCES = {
    "t3.micro": 0.0104,
    "t3.small": 0.0208,
    "t3.medium": 0.0416,
    "t3.large": 0.0832,
    "t3.xlarge": 0.1664,
    "t3.2xlarge": 0.3328,
    "m6i.large": 0.096,
    "m6i.xlarge": 0.192,
    "m6i.2xlarge": 0.384,
    "c6i.large": 0.085,
    "c6i.xlarge": 0.17,
    "c6i.2xlarge": 0.34,
}
# RDS for PostgreSQL in one zone, per hour; a standby doubles instance and storage.
DATABASES = {
    "db.t3.micro": 0.018,
    "db.t3.small": 0.036,
    "db.t3.medium": 0.072,
    "db.t3.large": 0.145,
    "db.r6g.large": 0.225,
    "db.r6g.xlarge": 0.45,
    "db.r6g.2xlarge": 0.899,
}
# ElastiCache for Redis OSS, per node and hour.
CACHES = {
    "cache.t3.micro": 0.017,
    "cache.t3.small": 0.034,
    "cache.t3.medium": 0.068,
    "cache.t4g.micro": 0.016,
    "cache.t4g.small": 0.032,
    "cache.t4g.medium": 0.065,
    "cache.r6g.large": 0.206,
    "cache.r6g.xlarge": 0.411,
    "cache.r6g.2xlarge": 0.821,
}
# Fargate, Linux on x86, per hour; ARM is a fifth cheaper.
FARGATE_CPU = 0.04048
FARGATE_GIB = 0.004445
ARM_SHARE = 0.8
# What Spot costs of the price on demand; it moves with the market.
SPOT_SHARE = 0.3

# Per hour.
NAT_GATEWAY = 0.045
LOAD_BALANCER = 0.0225
PUBLIC_ADDRESS = 0.005
ENDPOINT = 0.01
# Per GiB and month.
VOLUME_GIB = 0.08
DATABASE_GIB = 0.115
# Per month.
KEY = 1.0
SECRET = 0.4
ALARM = 0.1
COMPOSITE_ALARM = 0.5
DASHBOARD = 3.0
WEB_ACL = 5.0
WEB_ACL_RULE = 1.0
