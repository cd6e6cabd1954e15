# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_list import (
    enctype_words,
    parse_enctype_list,
    read_enctype_list,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import EnctypeRefusal


@pytest.mark.parametrize(
    ("words", "numbers", "named"),
    [
        (["aes256-cts"], (18,), {18}),
        (["AES128-SHA1 aes256-sha1", "aes256-cts"], (17, 18), {17, 18}),
        (["aes"], (18, 17, 20, 19), set()),
        (["DEFAULT", "-rc4,-des3"], (18, 17, 20, 19, 25, 26), set()),
        (["default -camellia +aes256-sha1"], (18, 17, 20, 19, 16, 23), {18}),
        (["aes256-sha1", "-aes"], (), set()),
        (["aes256-sha1", "-aes256-cts", "rc4"], (23,), set()),
        (["-aes", "aes128-cts"], (17,), {17}),
        (["des"], (1, 3, 2), set()),
        (["", "  "], (), set()),
    ],
)
def test_words_add_and_take_away_from_left_to_right(words, numbers, named):
    found = parse_enctype_list(words)
    assert found.numbers == numbers
    assert found.named == named


@pytest.mark.parametrize("word", ["aes265-cts", "+aes265-cts", "-rc5", "+", "DEFAULTS"])
def test_a_word_that_nobody_knows_is_refused(word):
    with pytest.raises(EnctypeRefusal, match=r"consumers: '.*' is not the name of an encryption type"):
        parse_enctype_list(["aes", word], "consumers")


def test_a_list_in_a_file_is_read_as_far_as_it_is_known():
    assert read_enctype_list("des3-hmac-sha1:normal, rc4-hmac foo") == ((16, 23), ("foo",))
    assert read_enctype_list("aes -aes128-cts bar:normal") == ((18, 20, 19), ("bar:normal",))


def test_a_list_is_written_with_canonical_names():
    assert enctype_words((18, 23)) == "aes256-cts-hmac-sha1-96 arcfour-hmac"
    assert parse_enctype_list([enctype_words(range(16, 21))]).numbers == (16, 17, 18, 19, 20)
