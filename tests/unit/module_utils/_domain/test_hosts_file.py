# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hosts_file: names reach their real addresses, and nothing else moves."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.hosts_file import (
    HostsRefusal,
    entries_from,
    is_loopback,
    plan,
    standings,
)
from hypothesis import given
from hypothesis import strategies as st

MX1 = {"address": "192.0.2.10", "names": ["mx1.example.test", "mx1"]}
MX1_SIX = {"address": "2001:db8::10", "names": ["mx1.example.test", "mx1"]}

CASES = {
    "Debian's installer": (
        "127.0.0.1\tlocalhost\n127.0.1.1\tmx1.example.test\tmx1\n\n# IPv6\n::1     localhost ip6-localhost\n",
        [MX1],
        "127.0.0.1\tlocalhost\n\n# IPv6\n::1     localhost ip6-localhost\n192.0.2.10 mx1.example.test mx1\n",
    ),
    "another name and a comment stay on 127.0.1.1": (
        "127.0.1.1\tmx1.example.test mx1 box\t# since 2019\n192.0.2.10 mx1.example.test mx1\n",
        [MX1],
        "127.0.1.1\tbox\t# since 2019\n192.0.2.10 mx1.example.test mx1\n",
    ),
    "a comment outlives its line": (
        "127.0.1.1 mx1 # made by the installer\n",
        [MX1],
        "# made by the installer\n192.0.2.10 mx1.example.test mx1\n",
    ),
    "the real line first names the short name": (
        "192.0.2.10   mx1 web mx1.example.test  # rack 3\n",
        [MX1],
        "192.0.2.10   mx1.example.test mx1 web  # rack 3\n",
    ),
    "the order of aliases is the file's own": (
        "192.0.2.10 MX1.example.test www mx1\n",
        [MX1],
        "192.0.2.10 MX1.example.test www mx1\n",
    ),
    "another line of the same address comes first": (
        "192.0.2.10 backup.example.test\n192.0.2.10 mx1.example.test mx1 mail\n",
        [MX1],
        "192.0.2.10 mx1.example.test mx1\n192.0.2.10 backup.example.test\n192.0.2.10 mail\n",
    ),
    "an old address of the same family": (
        "192.0.2.99 mx1.example.test mx1 old\n2001:db8::99 mx1.example.test\n",
        [MX1],
        "192.0.2.99 old\n2001:db8::99 mx1.example.test\n192.0.2.10 mx1.example.test mx1\n",
    ),
    "both families, ::1 and an address written long": (
        "::1 localhost mx1\n2001:DB8:0::10 mx1.example.test\n",
        [MX1, MX1_SIX],
        "::1 localhost\n2001:DB8:0::10 mx1.example.test mx1\n192.0.2.10 mx1.example.test mx1\n",
    ),
    "Windows line ends, no last one": (
        "127.0.0.1 localhost\r\n127.0.1.1 mx1",
        [MX1],
        "127.0.0.1 localhost\r\n192.0.2.10 mx1.example.test mx1\r\n",
    ),
    "what is no host line": (
        "# 127.0.1.1 mx1\nnonsense mx1.example.test\n192.0.2.10\n",
        [MX1],
        "# 127.0.1.1 mx1\nnonsense mx1.example.test\n192.0.2.10\n192.0.2.10 mx1.example.test mx1\n",
    ),
    "an IPv4 loopback address inside IPv6": (
        "::ffff:127.0.0.1 mx1\n",
        [MX1],
        "192.0.2.10 mx1.example.test mx1\n",
    ),
    "no file": ("", [MX1], "192.0.2.10 mx1.example.test mx1\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    before, asked, after = CASES[case]
    entries = entries_from(asked)
    planned = plan(before.encode(), entries, "hosts")
    assert planned.content.decode() == after
    assert (planned.before, planned.after) == (before, after)
    assert plan(planned.content, entries, "hosts").content == planned.content


def test_no_file_is_an_empty_one() -> None:
    assert plan(None, entries_from([MX1]), "hosts").content == b"192.0.2.10 mx1.example.test mx1\n"


def test_bytes_that_are_no_text_survive() -> None:
    planned = plan(b"# \xff\xfe\n127.0.1.1 mx1\n", entries_from([MX1]), "hosts")
    assert planned.content == b"# \xff\xfe\n192.0.2.10 mx1.example.test mx1\n"
    assert planned.before.startswith("# \ufffd")


def test_cloud_init_is_warned_of_when_something_changes() -> None:
    text = b"# Your system has configured 'manage_etc_hosts' as True.\n127.0.1.1 mx1.example.test mx1\n"
    planned = plan(text, entries_from([MX1]), "/etc/hosts")
    (warning,) = planned.warnings
    assert warning.startswith("/etc/hosts: cloud-init")
    assert plan(planned.content, entries_from([MX1]), "/etc/hosts").warnings == ()


REFUSED = {
    "entries[0]: '10.0.0' is not an IPv4": [{"address": "10.0.0", "names": ["a"]}],
    "entries[0]: 127.0.1.1 is a loopback address": [{"address": "127.0.1.1", "names": ["mx1.example.test"]}],
    "entries[0]: ::1 is a loopback address": [{"address": "::1", "names": ["localhost", "mx1"]}],
    "entries[0]: 0.0.0.0 is no host's own": [{"address": "0.0.0.0", "names": ["mx1"]}],
    "entries[1]: 192.0.2.10 stands in an entry before": [MX1, MX1],
    "entries[1]: 'mx1' stands in the entry of 192.0.2.10 too": [MX1, {"address": "192.0.2.11", "names": ["MX1"]}],
    "entries[0]: has no names": [{"address": "192.0.2.1", "names": []}],
    "entries[0]: 'a b' is not a host name": [{"address": "192.0.2.1", "names": ["a b"]}],
    "entries[0]: 'a#' is not a host name": [{"address": "192.0.2.1", "names": ["a#"]}],
    "entries[0]: '' is not a host name": [{"address": "192.0.2.1", "names": [""]}],
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_refusal(sentence: str) -> None:
    with pytest.raises(HostsRefusal) as caught:
        entries_from(REFUSED[sentence])
    assert str(caught.value).startswith(sentence)
    assert "; " in str(caught.value)


def test_localhost_may_have_its_own_address() -> None:
    entries = entries_from([{"address": "127.0.0.1", "names": ["localhost.localdomain", "localhost"]}])
    assert plan(b"127.0.0.1 localhost\n", entries, "hosts").content == b"127.0.0.1 localhost.localdomain localhost\n"


def test_loopback() -> None:
    assert [is_loopback(text) for text in ("127.9.9.9", "::1", "::ffff:127.0.0.1", "192.0.2.1", "x")] == [
        True,
        True,
        True,
        False,
        False,
    ]


ADDRESSES = st.sampled_from(
    ["127.0.0.1", "127.0.1.1", "::1", "192.0.2.10", "192.0.2.11", "2001:db8::10", "2001:DB8:0:0::10", "x", "fe80::1%e"]
)
NAMES = st.sampled_from(["mx1.example.test", "mx1", "MX1", "localhost", "web", "mail.example.test"])
LINES = st.one_of(
    st.builds(
        lambda lead, address, gap, names, rest, end: lead + address + gap + gap.join(names) + rest + end,
        st.sampled_from(["", " ", "\t"]),
        ADDRESSES,
        st.sampled_from([" ", "\t", "  "]),
        st.lists(NAMES, max_size=3),
        st.sampled_from(["", " ", " # mx1", "#x"]),
        st.sampled_from(["\n", "\r\n"]),
    ),
    st.sampled_from(["\n", "# 127.0.1.1 mx1\n", "  \n"]),
    st.text(st.sampled_from("1.:# \tab"), max_size=8).map(lambda text: text + "\n"),
)
UNENDED = st.sampled_from(["", "::1 mx1"])
FILES = st.builds(lambda lines, last: "".join(lines) + last, st.lists(LINES, max_size=8), UNENDED)
MAIL = {"address": "192.0.2.11", "names": ["mail.example.test"]}
LOCAL = {"address": "::1", "names": ["localhost"]}
ENTRIES = st.lists(
    st.sampled_from([MX1, MX1_SIX, MAIL, LOCAL]), unique_by=lambda entry: str(entry["address"]), max_size=4
)


@given(text=FILES, asked=ENTRIES)
def test_what_libc_reads_afterwards(text: str, asked: list[dict[str, object]]) -> None:
    entries = entries_from(asked)
    after = plan(text.encode(), entries, "hosts").content.decode()
    assert plan(after.encode(), entries, "hosts").content.decode() == after
    lines = [(one.address, one.names) for one in standings(after)]
    ours = {name.lower() for entry in entries for name in entry.names}
    for entry in entries:
        first = next(names for address, names in lines if address == str(entry.address))
        assert first[0].lower() == entry.names[0].lower()
        assert {name.lower() for name in first} >= {name.lower() for name in entry.names}
    for address, names in lines:
        if is_loopback(address) and address not in {str(entry.address) for entry in entries}:
            assert not {name.lower() for name in names} & ours
    # every name that was not asked for stands on the address it stood on, as often as before
    assert others(lines, ours) == others([(one.address, one.names) for one in standings(text)], ours)
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in after.splitlines() if line in comments][: len(comments)] == comments


def others(lines: list[tuple[str, tuple[str, ...]]], ours: set[str]) -> list[tuple[str, str]]:
    return sorted((address, name) for address, names in lines for name in names if name.lower() not in ours)


@given(text=FILES)
def test_nothing_asked_changes_nothing(text: str) -> None:
    assert plan(text.encode(), (), "hosts").content == text.encode()
