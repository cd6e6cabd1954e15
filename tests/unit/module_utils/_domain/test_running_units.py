# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of products, and libraries that were replaced."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.running_units import (
    ServiceUnit,
    replaced_libraries,
    units_of,
    variable_of,
)

CAS = {
    "unit": "tomcat10",
    "krb5_conf": "/etc/krb5.conf",
    "properties": "/c/cas.properties",
    "wishes": {"login_conf": ""},
    "server_xml": "/t/server.xml",
}
MAPS = """\
7f0000000000-7f0000001000 r-xp 00000000 00:2a 1234 /usr/lib/x86_64-linux-gnu/libkrb5.so.3.3 (deleted)
7f0000002000-7f0000003000 r-xp 00000000 00:2a 1235 /usr/lib/x86_64-linux-gnu/libkrb5.so.3.3 (deleted)
7f0000004000-7f0000005000 r-xp 00000000 00:2a 1236 /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)
7f0000006000-7f0000007000 r-xp 00000000 00:2a 1237 /usr/lib/x86_64-linux-gnu/sasl2/libgssapiv2.so.2.0.25
7f0000008000-7f0000009000 rw-s 00000000 00:2a 1238 /tmp/hsperfdata_cas/2328 (deleted)
"""


def test_units_of_products() -> None:
    assert [one.names[0] for one in units_of(["kdc"], {})] == ["krb5-kdc", "krb5-admin-server"]
    assert [one.product for one in units_of(["postfix", "workstation"], {})] == ["postfix"]
    assert units_of(["cas"], {}) == []


def test_cas_reads_its_files_once() -> None:
    reads = ("/etc/krb5.conf", "/c/cas.properties", "/t/server.xml")
    assert units_of(["cas"], {"cas": CAS}) == [ServiceUnit("cas", ("tomcat10",), reads)]


def test_a_role_may_name_the_unit() -> None:
    assert [one.names for one in units_of(["axigen"], {"axigen": {"unit": "axigen-a"}})] == [("axigen-a",)]
    assert (variable_of("axigen"), variable_of("kdc")) == ("axigen_unit", "")


def test_libraries_of_logins_that_were_replaced() -> None:
    assert replaced_libraries(MAPS) == ["/usr/lib/x86_64-linux-gnu/libkrb5.so.3.3"]
    assert replaced_libraries("") == []
