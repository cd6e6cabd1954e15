# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's administrator in the lab, against the CLI of the double."""

from __future__ import annotations

import json
import socket
import threading

import pytest
from lab.axigen import administrator
from lab.doubles.axigen import catalogue, cli_port, commands, console, running, variants


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A double with one connection, whose administrator has the password of the lab."""
    told = tmp_path / "passwords.json"
    told.write_text(json.dumps({"axigen": "pw"}))
    made = running.Running(
        catalogue.shipped("ad.example.test"),
        {"ad.example.test": {"alice": ""}},
        permissions=lambda user, password: running.ALL_RIGHTS if (user, password) == ("admin", "pw") else None,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setattr(administrator, "ADDRESS", listening.getsockname())
        monkeypatch.setattr(administrator, "PASSWORDS", told)

        def answer():
            session = console.Console(made, variants.Variants(), {}, commands.run)
            cli_port.serve(listening.accept()[0], session, 5)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield made
        thread.join(5)


def test_lines_are_said_and_their_replies_printed(server, capsys):
    administrator.main(["CONFIG SERVER", "CONFIG IMAP", "SET secureConnAuthTypes (plain)", "COMMIT", "COMMIT"])
    assert server.config["imap"]["secureConnAuthTypes"] == ("plain",)
    shown = capsys.readouterr().out
    assert shown.count("+OK") == 5
    assert "pw" not in shown
    assert "<" not in shown


@pytest.mark.usefixtures("server")
def test_a_refused_line_ends_it():
    with pytest.raises(SystemExit, match="-ERR"):
        administrator.main(["CONFIG NOTHING", "COMMIT"])


def test_the_password_is_set_by_the_program_itself(monkeypatch, tmp_path):
    told = tmp_path / "passwords.json"
    told.write_text(json.dumps({"axigen": "pw"}))
    program = tmp_path / "axigen"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\n')
    program.chmod(0o755)
    monkeypatch.setattr(administrator, "SERVER", str(program))
    monkeypatch.setattr(administrator, "PASSWORDS", told)
    administrator.main(["password"])
    assert (tmp_path / "said").read_text() == "-A pw\n"
