"""The names of labels, containers and resources, by which the commands for operators find them."""

from __future__ import annotations

LABEL = "cdktf-mesos."
"""Prefix of the constructs' labels."""

STAGE_LABEL = f"{LABEL}security"
"""Label of the members of a cluster with security. Its value is the stage."""

TLS_LABEL = f"{LABEL}tls"
"""Label of the members with TLS. Its value is the stage."""

ENDS_LABEL = f"{LABEL}certificate-ends"
"""Label of the members with TLS. Its value is when the certificate ends, as `2027-03-01T12:00:00Z`."""

FOR_COMMANDS = "cdktf-mesos"
"""Key in a resource's comment `"//"`, which Terraform ignores: below it is what the commands for operators need."""

GATE = "-gate"
"""Suffix of the names of gates, which check from outside whether a member serves."""

DIRECTORIES = "-directories"
"""Suffix of the names of containers that make directories."""

ACLS = "-acls"
"""Suffix of the names of containers that close a role's znodes, or open them."""

APP = "-app"
"""Part of the names of the watches of apps on Marathon: it follows Marathon's name, and the app's id follows it."""

APP_LABEL = f"{LABEL}app"
"""Label of the watches of apps. Its value is a fingerprint of the app: a new one replaces the watch."""

LOCK = "cdktf-mesos-lock"
"""Name of the container that is the lock of a machine. A machine has one lock, even if it has several clusters."""

LOCK_LABEL = f"{LABEL}lock"
"""Label of the lock: the holder's id, a blank, and who holds it."""

LOCK_VARIABLE = "held_lock"
"""The Terraform variable with the id of the lock under which a deploy runs."""

MASTER = "master"
"""The role of the Mesos masters."""

BACKUPS_LABEL = f"{LABEL}backups"
"""Label of the containers that make backups by a timer. Its value is the directory of their archives."""

MACHINE_CHECK = "machine_is_ready"
"""Prefix of the resources of machine checks."""

BACKED_UP = "zookeeper_is_backed_up"
"""Prefix of the resources that make a backup before a roll."""

OLD_IMAGES = "old_images_go"
"""Prefix of the resources that remove images of past versions."""

ADDED_BY_ENGINE = ("log_opts",)
"""Arguments of a container that Terraform does not compare.

The engine adds the `log-opts` of its daemon.json to those of each container that uses the engine's default log driver
(moby, daemon/logs.go). So every plan would replace the container. A label has what the program wants,
`ContainerOptions.log_label`.
"""
