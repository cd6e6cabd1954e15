# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_time import (
    LAST,
    LONGEST,
    TimeRefusal,
    duration_text,
    duration_word,
    parse_duration,
    parse_time,
    time_text,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90", 90), ("10h", 36000), ("1d 12h", 129600), ("10:00:00", 36000), ("7 days 00:00:00", 604800),
     ("1-02:03:04", 93784), ("2 Weeks", 1209600), ("1 day 1 sec", 86401)],
)  # fmt: skip
def test_durations(text, seconds):
    assert parse_duration(text, "max_life") == seconds


@pytest.mark.parametrize(
    "text", ["", "h", "10x", "1 month", "-5", "1:60:00", "1-24:00:00", "10h 5", "h10", "1 2", "٣h"]
)
def test_what_is_no_duration(text):
    with pytest.raises(TimeRefusal, match=r"^max_life: "):
        parse_duration(text, "max_life")


def test_longest_duration():
    assert parse_duration(str(LONGEST), "max_life") == LONGEST
    with pytest.raises(TimeRefusal, match="shorten it"):
        parse_duration(str(LONGEST + 1), "max_life")


@given(st.integers(0, LONGEST))
def test_durations_come_back(seconds):
    assert parse_duration(duration_text(seconds), "x") == seconds
    assert parse_duration(duration_word(seconds), "x") == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("never", 0), ("2030-12-31 23:59:59 UTC", 1924991999), ("2030-12-31T23:59:59Z", 1924991999),
     ("2030-12-31 23:59:59+01:00", 1924988399), ("12/31/2030 23:59:59 GMT", 1924991999),
     ("Tue Dec 31 23:59:59 UTC 2030", 1924991999)],
)  # fmt: skip
def test_times(text, seconds):
    assert parse_time(text, "expires") == seconds


@pytest.mark.parametrize(
    "text", ["", "now", "tomorrow", "2 days", "2030-02-30", "2030-13-01", "1960-01-01", "2100-01-01", "31.12.2030"]
)
def test_what_is_no_fixed_time(text):
    with pytest.raises(TimeRefusal, match=r"^expires: "):
        parse_time(text, "expires")


@given(st.integers(0, LAST))
def test_times_come_back(seconds):
    assert parse_time(time_text(seconds), "x") == seconds


@given(st.text())
def test_no_text_gives_another_error(text):
    for read in (parse_time, parse_duration):
        with contextlib.suppress(TimeRefusal):
            read(text, "x")
