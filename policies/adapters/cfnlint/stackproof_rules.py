"""What ``cfn-lint --append-rules`` loads: a rule per policy, see ``stackproof.adapters.cfnlint``."""

from stackproof.adapters.cfnlint import rules

# cfn-lint makes a rule of every class that is a global of this module.
globals().update(rules())
