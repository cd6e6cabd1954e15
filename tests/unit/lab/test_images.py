# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image's tag is the digest of all that went into it."""

from __future__ import annotations

import dataclasses

import pytest
from lab import fleet, images, packages


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    monkeypatch.setattr(images.tools, "apt_settings", lambda: {"Acquire::Retries": "3"})


def test_a_change_below_changes_what_stands_on_it(monkeypatch):
    before = {recipe.name: recipe.tag for recipe in (images.base("12"), images.host("12"), images.toolbox("12"))}
    monkeypatch.setattr(packages, "CACHED", (*packages.CACHED, "hello"))
    assert images.base("12").tag == before["base12"]
    assert images.host("12").tag != before["host12"]
    assert images.toolbox("12").tag != before["toolbox12"]


def test_debian_releases_have_images_of_their_own():
    assert images.host("12").tag != images.host("13").tag
    assert "bookworm" in images.base("12").script
    assert "trixie" in images.base("13").script


def test_blank_hosts_have_no_kerberos_and_no_mail():
    brought = {"krb5-user", "krb5-kdc", "krb5-config", "postfix", "chrony", "dovecot-core"}
    assert not brought & set(packages.BASE)
    assert brought <= set(packages.CACHED)
    assert "--download-only" in images.host("12").script


def test_a_changed_file_of_the_controller_makes_its_image_anew(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.py").write_text("1\n")
    before = images.carried(tmp_path, "/opt/lab")
    (tmp_path / "a" / "one.py").write_text("2\n")
    assert images.carried(tmp_path, "/opt/lab") == before.replace("1\n", "2\n") != before
    assert "cat > /opt/lab/a/one.py <<" in before
    assert "lab-directory.service" in images.dc("12").script
    assert "lab-realm.service" in images.partner("12").script


def test_every_host_of_every_site_has_an_image():
    known = {recipe.tag for recipe in images.every()}
    assert {images.of(host).tag for site in fleet.SITES for host in site.hosts} <= known


def test_the_images_below_are_kept_too():
    known = {recipe.tag for recipe in images.every()}
    assert {recipe.below.tag for recipe in images.every() if recipe.below} <= known


def test_zimbras_servers_share_the_image_with_its_packages_and_have_their_own_services():
    one, other = (images.of(fleet.ZIMBRA.host(name)) for name in ("zimbra1", "zimbra2"))
    assert one.below == other.below
    assert one.tag != other.tag
    assert "zimbra1.example.test" in other.script  # its directory


def test_each_cas_is_of_the_web_archive_that_its_java_runs():
    for host in fleet.CAS.members("cas"):
        recipe = images.of(host)
        (war,) = recipe.below.downloads
        assert f"/downloads/{war.name}" in recipe.below.script
        assert "lab.negotiate.NegotiateConfiguration" in recipe.script
        other = dataclasses.replace(war, sha256="0" * 64)
        below = dataclasses.replace(recipe.below, downloads=(other,))
        assert dataclasses.replace(recipe, below=below).tag != recipe.tag
    assert images.CAS_WARS["12"].name == "cas-server-webapp-tomcat-6.6.12.war"
    assert images.CAS_WARS["13"].name == "cas-server-webapp-tomcat-7.0.0.war"


def test_a_recipe_is_a_value():
    recipe = images.host("12")
    assert dataclasses.replace(recipe).tag == recipe.tag
    assert dataclasses.replace(recipe, script=recipe.script + "true\n").tag != recipe.tag
