"""Judge: policies are asked about every resource of a deployment; the answers become findings."""
