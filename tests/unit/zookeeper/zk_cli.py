"""A zkCli.sh over a file of znodes, with the output of the real one of 3.9.4 for what the script of the ACLs sends.

It repeats each command after a prompt, as the real one does, and so the password. ZNODES in the environment is a JSON
file: paths → {"acl": {"<scheme and id>": "cdrwa"}, "ephemeral": bool}.
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from hashlib import sha1
from pathlib import Path

FILE, ANYONE = Path(os.environ.get("ZNODES", "")), "'world,'anyone"


def digest(login: str) -> str:
    """A user as ZooKeeper shows it in ACLs (DigestAuthenticationProvider.generateDigest)."""
    return f"'digest,'{login.partition(':')[0]}:{b64encode(sha1(login.encode()).digest()).decode()}"


def may(node: dict[str, dict[str, str]], who: str, permissions: str) -> bool:
    return any(set(permissions) & set(node["acl"].get(each, "")) for each in (who, ANYONE))


def parse(text: str, who: str) -> dict[str, str]:
    ids = {"auth:": who, "world:anyone": ANYONE}
    return {ids[each.rpartition(":")[0]]: each.rpartition(":")[2] for each in text.split(",")}


def run(words: list[str], who: str) -> str:
    nodes = json.loads(FILE.read_text())
    command, path = words[0], next(word for word in words[1:] if word.startswith("/"))
    if command == "create":
        nodes[path] = {"acl": parse(words[-1], who), "ephemeral": True}
        FILE.write_text(json.dumps(nodes))
        return f"Created {path}"
    if path not in nodes:
        return f"Node does not exist: {path}"
    node = nodes[path]
    if command == "ls" and may(node, who, "r"):
        inside = [each for each in nodes if each.startswith(f"{path}/")]
        names = sorted({each[len(path) + 1 :].partition("/")[0] for each in inside})
        return f"[{', '.join(names)}]"
    if command == "getAcl" and may(node, who, "ra"):
        return "\n".join(f"{each}\n: {permissions}" for each, permissions in node["acl"].items())
    if command == "stat":
        return f"cZxid = 0x1\nephemeralOwner = 0x{'10000' if node['ephemeral'] else '0'}"
    if command == "setAcl" and may(node, who, "a"):
        node["acl"] = parse(words[-1], who)
    elif command == "delete":
        del nodes[path]
    else:
        return f"Insufficient permission : {path}"
    FILE.write_text(json.dumps(nodes))
    return ""


def main() -> None:
    assert sys.argv[1:] == ["-server", os.environ["SERVERS"]]
    print(
        "Connecting to a server\n2026-11-29 06:51:42,702 - INFO  [main:Environment@98] - Client environment", flush=True
    )
    who = ""
    for number, line in enumerate(sys.stdin):
        print(f"[zk: {sys.argv[2]}(CONNECTED) {number}] {line.strip()}", flush=True)
        words = line.split()
        if words[0] == "addauth":
            who = digest(words[2])
        elif answer := run(words, who):
            print(answer, flush=True)


if __name__ == "__main__":
    main()
