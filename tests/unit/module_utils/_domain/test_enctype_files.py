# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import consumer
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_files import (
    by_relation,
    change_lines,
    check_effective,
    kdc_conf_change,
    krb5_conf_change,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_policy import (
    PolicyRefusal,
    named_policy,
    resolve,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySaltRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import (
    Included,
    readings,
)

AES = "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96"
KEYS = "aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal"
ZIMBRA = """\
# from the document
[libdefaults]
  default_realm = EXAMPLE.TEST
  default_tgs_enctypes = des3-hmac-sha1
  default_tkt_enctypes = des3-hmac-sha1
  permitted_enctypes = des3-hmac-sha1
  allow_weak_crypto = true
[appdefaults]
  allow_weak_crypto = true
"""


def policy(name="zimbra", *consumers, weak=False, in_use=()):
    return resolve(named_policy(name), [consumer(one) for one in consumers or ["mit"]], weak, in_use)


def change(text, *arguments, crypto=False, **options):
    return krb5_conf_change("/etc/krb5.conf", text, policy(*arguments, **options), crypto)


def test_what_a_document_left_behind_becomes_the_policy_and_the_rest_stays():
    found = change(ZIMBRA)
    assert found.after == (
        "# from the document\n[libdefaults]\n  default_realm = EXAMPLE.TEST\n"
        f"  permitted_enctypes = {AES}\n[appdefaults]\n  allow_weak_crypto = true\n"
    )
    before, after = change_lines(found.changes)
    assert "libdefaults / allow_weak_crypto = true\n" in before
    assert "libdefaults / allow_weak_crypto: not set\n" in after
    assert "default_realm" not in before + after
    assert change(found.after).changes == ()
    assert change(found.after).after == found.after


def test_a_new_file_and_an_empty_one():
    for text in (None, ""):
        assert change(text).after == f"[libdefaults]\n    permitted_enctypes = {AES}\n"


def test_switches_that_are_off_stay():
    text = "[libdefaults]\n allow_weak_crypto = no\n allow_rc4 = false\n allow_des3 = 1\n"
    assert (
        change(text).after
        == f"[libdefaults]\n allow_weak_crypto = no\n allow_rc4 = false\n permitted_enctypes = {AES}\n"
    )
    assert "allow_rc4 = true" in change(text, "with_rc4", weak=True).after


def test_where_crypto_policies_keep_the_list_it_goes_from_the_file():
    assert change("[libdefaults]\n permitted_enctypes = rc4\n", crypto=True).after == "[libdefaults]\n"
    assert change(None, crypto=True).after is None
    old = change(None, "zimbra", "mit1.17", crypto=True).after
    assert "default_tkt_enctypes" in old
    assert "permitted" not in old


def kdc(text, newborn=False, salts=("normal",), realm="EXAMPLE.TEST"):
    return kdc_conf_change("/kdc.conf", text, realm, policy(), salts, newborn)


def test_the_kdc_makes_keys_of_the_policy_for_its_realm_alone():
    text = "[realms]\n EXAMPLE.TEST = {\n  supported_enctypes = des3-hmac-sha1:normal\n"
    text += "  master_key_type = des3-hmac-sha1\n }\n"
    text += " OTHER.TEST = {\n  supported_enctypes = rc4:normal\n }\n"
    assert kdc(text).after == text.replace("des3-hmac-sha1:normal", KEYS)
    assert kdc(text, newborn=True).after == kdc(text).after


def test_a_master_key_type_is_said_before_there_is_a_database_only():
    assert "master_key_type" not in kdc(None).after
    assert "master_key_type = aes256-cts-hmac-sha1-96\n" in kdc(None, newborn=True).after


def test_salt_types():
    assert (
        "aes256-cts-hmac-sha1-96:normal aes256-cts-hmac-sha1-96:special aes128"
        in kdc(None, salts=["normal", "special"]).after
    )
    for salts, words in ((["normul"], "did you mean 'normal'"), ([], "salt_types: is empty")):
        with pytest.raises(KeySaltRefusal, match=words):
            kdc(None, salts=salts)


def test_a_relation_that_another_file_sets_first_is_refused():
    def read(included):
        profile = parse(f"include /drop\n[libdefaults]\n permitted_enctypes = {AES}\n", "/etc/krb5.conf")
        return readings(profile, "/etc/krb5.conf", lambda dummy: [Included("/drop", parse(included, "/drop"))])

    own = change(f"include /drop\n[libdefaults]\n permitted_enctypes = {AES}\n")
    for line in ("permitted_enctypes = rc4", "default_tkt_enctypes = rc4", "allow_weak_crypto = true"):
        with pytest.raises(
            PolicyRefusal, match=r"/drop: line 2 sets .* which libkrb5 reads before /etc/krb5.conf; remove"
        ):
            check_effective(own, read(f"[libdefaults]\n {line}\n"))
    check_effective(own, read(f"[libdefaults]\n permitted_enctypes = {AES}\n allow_rc4 = false\n rdns = false\n"))


def test_the_first_of_repeated_relations_counts():
    assert by_relation("/f", "[libdefaults]\n a = 1\n a = 2\n")[("libdefaults", "a")].value == "1"


@pytest.mark.parametrize("word", ["y", "yes", "true", "t", "1", "on", "YES"])
@pytest.mark.parametrize("switch", ["allow_weak_crypto", "allow_rc4", "allow_des3"])
def test_a_switch_that_is_on_goes(switch, word):
    text = f"[libdefaults]\n {switch} = {word}\n"
    assert switch not in change(text).after
    assert switch in change(text.replace(f"= {word}", "= off")).after


@pytest.mark.parametrize("name", ["default_tkt_enctypes", "default_tgs_enctypes"])
def test_lists_of_old_consumers_go_where_there_are_none(name):
    text = f"[libdefaults]\n {name} = {AES}\n"
    assert name not in change(text).after
    assert change(text, "zimbra", "mit1.17").after.count(AES) == 3


def included(text, main="[libdefaults]\n"):
    """All that libkrb5 reads of a krb5.conf that begins with another file."""
    profile = parse(f"include /drop\n{main}", "/etc/krb5.conf")
    return list(readings(profile, "/etc/krb5.conf", lambda dummy: [Included("/drop", parse(text, "/drop"))]))


def test_what_crypto_policies_permit_is_theirs_and_the_rest_is_not():
    own = change("include /drop\n[libdefaults]\n", crypto=True)
    theirs = "[libdefaults]\n permitted_enctypes = rc4\n"
    check_effective(own, included(theirs), crypto_policies=True)
    with pytest.raises(PolicyRefusal, match=r"/drop: line 2 sets permitted_enctypes = rc4, which"):
        check_effective(own, included(theirs))
    for line in ("default_tgs_enctypes = rc4", "allow_des3 = true"):
        with pytest.raises(PolicyRefusal, match=f"/drop: line 3 sets {line}, which"):
            check_effective(own, included(f"{theirs} {line}\n"), crypto_policies=True)


def test_what_another_file_sets_alike_or_off_is_no_matter_and_the_next_is_looked_at():
    own = change("[libdefaults]\n")
    alike = f"[libdefaults]\n permitted_enctypes = {AES}\n allow_weak_crypto = false\n"
    check_effective(own, included(alike, own.after))
    with pytest.raises(PolicyRefusal, match=r"/drop: line 4 sets allow_rc4 = 1, which"):
        check_effective(own, included(f"{alike} allow_rc4 = 1\n", own.after))
    needed = change("[libdefaults]\n", "with_rc4", weak=True)
    with pytest.raises(PolicyRefusal, match=r"/drop: line 2 sets allow_rc4 = false, which"):
        check_effective(needed, included("[libdefaults]\n allow_rc4 = false\n", needed.after))


def test_nothing_to_do_in_a_file_that_is_not_there():
    nothing = change(None, crypto=True)
    assert (nothing.before, nothing.after, nothing.changes) == (None, None, ())
    assert change("", crypto=True).after == ""


def test_the_lines_of_a_diff():
    assert change_lines(change("[libdefaults]\n default_tkt_enctypes = rc4\n").changes) == (
        "libdefaults / default_tkt_enctypes = rc4\nlibdefaults / permitted_enctypes: not set\n",
        f"libdefaults / default_tkt_enctypes: not set\nlibdefaults / permitted_enctypes = {AES}\n",
    )
