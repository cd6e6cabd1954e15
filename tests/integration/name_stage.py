# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage on which a command meets invented names: its own /etc/hosts, resolv.conf and a DNS server.

``interpreter`` makes a program that runs Python in mount and network namespaces of its own, with the files of a
folder bound over the host's and a small DNS server on 127.0.0.1 port 53 there; nothing outside sees any of it.
Run as a script (by the distribution's Python, which has dnspython) it is that stage.
"""

from __future__ import annotations

import json
import pathlib
import shlex
import socket
import subprocess
import sys
import threading
from typing import Any, Mapping, Sequence

try:
    import dns.flags
    import dns.message
    import dns.rcode
    import dns.rdatatype
    import dns.rrset
except ImportError:  # in the tests' own Python, which only makes the stage
    pass

PYTHON = "/usr/bin/python3"  # with the package python3-dnspython
BOUND = {"hosts": "/etc/hosts", "resolv.conf": "/etc/resolv.conf", "nsswitch.conf": "/etc/nsswitch.conf"}


def interpreter(
    folder: pathlib.Path, hosts: str, records: Mapping[str, Sequence[str]], python: str = PYTHON, address: str = ""
) -> str:
    """A program that behaves as ``python`` on the stage. ``records``: 'NAME TYPE' in lower and upper case -> data.

    ``address``: the one of the default route, without which there is none.
    """
    stage = folder / "stage"
    stage.mkdir(parents=True, exist_ok=True)
    (stage / "hosts").write_text(hosts)
    (stage / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (stage / "nsswitch.conf").write_text("hosts: files dns\n")
    (stage / "records.json").write_text(json.dumps(records))
    (stage / "address").write_text(address)
    program = stage / "python"
    words = ["unshare", "--mount", "--net", PYTHON, str(pathlib.Path(__file__).resolve()), str(stage), python]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(0o755)
    return str(program)


def main() -> int:
    stage, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    address = (stage / "address").read_text()
    if address:
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
        subprocess.run(["ip", "route", "add", "default", "dev", "lo", "src", address], check=True)
    for name, place in BOUND.items():
        subprocess.run(["mount", "--bind", str(stage / name), place], check=True)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    records = json.loads((stage / "records.json").read_text())
    threading.Thread(target=serve, args=(server, records), daemon=True).start()
    return subprocess.run(command, check=False).returncode


def serve(server: socket.socket, records: Mapping[str, Sequence[str]]) -> None:
    while True:
        question, asker = server.recvfrom(4096)
        server.sendto(answer(question, records), asker)


def answer(question: bytes, records: Mapping[str, Sequence[str]]) -> bytes:
    """The DNS answer; a CNAME is followed; a name without any record does not exist."""
    asked = dns.message.from_wire(question)
    response: Any = dns.message.make_response(asked)
    response.flags |= dns.flags.RA | dns.flags.AA
    name = asked.question[0].name.to_text().lower().rstrip(".")
    kind = dns.rdatatype.to_text(asked.question[0].rdtype)
    if not any(one.startswith(name + " ") for one in records):
        response.set_rcode(dns.rcode.NXDOMAIN)
    while f"{name} CNAME" in records and kind != "CNAME":
        (target,) = records[f"{name} CNAME"]
        response.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "CNAME", target + "."))
        name = target
    if records.get(f"{name} {kind}"):
        response.answer.append(dns.rrset.from_text(name + ".", 60, "IN", kind, *records[f"{name} {kind}"]))
    return response.to_wire()


if __name__ == "__main__":
    sys.exit(main())
