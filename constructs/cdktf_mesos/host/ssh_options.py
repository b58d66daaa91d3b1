"""The options that every ssh connection has. This module does not import the CDK, so commands can use it."""

from __future__ import annotations

# One word in each item, as the provider needs it. Host keys are always verified. ssh notices after 15 s if a host dies
# during an apply; otherwise it would wait forever. All commands of a deploy share one login (ssh_config(5)).
SSH_OPTIONS = tuple(
    word
    for option in (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ConnectTimeout=5",
        "ServerAliveInterval=5",
        "ServerAliveCountMax=3",
        "ControlMaster=auto",
        "ControlPersist=60",
    )
    for word in ("-o", option)
)
