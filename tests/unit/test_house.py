# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house rules that no linter knows: what a module declares, how large a room is, what is never committed."""

from __future__ import annotations

import ast
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
ROOM = 320  # lines of a file: about 300, as a rule
WIRING = 100  # lines of a module below RETURN, as a rule
WIRING_MOST = 130
CHANGES_NO_HOST = ("doctor_report", "drift_begin", "drift_merge", "keytab_export", "keytab_probe", "sso_probe")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
HEADER = """\
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


def _names(paths: list[pathlib.Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def _assigned(module: pathlib.Path, name: str) -> tuple[str, int]:
    """A module's string constant of that name, and the line on which it ends."""
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value), node.end_lineno or 0
    raise AssertionError(f"{module.name} has no {name}")


def _attributes(module: pathlib.Path) -> dict[str, dict[str, str]]:
    """The attributes of a module, those of this collection's fragments included."""
    documentation = yaml.safe_load(_assigned(module, "DOCUMENTATION")[0])
    merged: dict[str, dict[str, str]] = {}
    for fragment in documentation.get("extends_documentation_fragment", []):
        namespace, dummy, rest = fragment.partition("mailrealm.kerberos.")
        if namespace or not rest:
            continue
        name, dummy, variant = rest.partition(".")
        source = (ROOT / "plugins" / "doc_fragments" / f"{name}.py").read_text()
        (body,) = (node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
        wanted = variant.upper() or "DOCUMENTATION"
        (text,) = (
            ast.literal_eval(node.value)
            for node in body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == wanted
        )
        merged.update(yaml.safe_load(text).get("attributes", {}))
    for name, fields in documentation.get("attributes", {}).items():
        merged[name] = {**merged.get(name, {}), **fields}
    return merged


def _tracked() -> list[pathlib.Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    paths = [ROOT / name.decode() for name in listing.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def test_action_group_holds_exactly_the_modules() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"] == {"kerberos": [module.stem for module in MODULES]}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_module_declares_check_and_diff_mode(module: pathlib.Path) -> None:
    attributes = _attributes(module)
    assert attributes["check_mode"]["support"] == "full"
    reads_only = module.stem.endswith(("_info", "_facts")) or module.stem in CHANGES_NO_HOST
    assert attributes["diff_mode"]["support"] in (("N/A", "none") if reads_only else ("full",))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_module_is_thin(module: pathlib.Path) -> None:
    lines = len(module.read_text().splitlines()) - _assigned(module, "RETURN")[1]
    assert lines <= WIRING_MOST, f"{lines} lines below RETURN; the rule is about {WIRING}"


@pytest.mark.parametrize("name", _names([path for path in PLUGINS if path not in MODULES]))
def test_room_is_small_and_named_for_a_noun(name: str) -> None:
    path = ROOT / name
    assert len(path.read_text().splitlines()) <= ROOM
    assert path.stem not in FORBIDDEN_NAMES
    assert "_and_" not in path.stem


@pytest.mark.parametrize("name", _names(PLUGINS))
def test_plugin_carries_the_licence_and_the_future(name: str) -> None:
    source = (ROOT / name).read_text()
    assert source.removeprefix("#!/usr/bin/python\n").startswith(HEADER)
    assert "\nfrom __future__ import annotations\n" in source


def test_plugins_are_namespace_packages() -> None:
    assert not list((ROOT / "plugins").rglob("__init__.py"))


def test_readme_names_every_module_role_and_playbook() -> None:
    readme = (ROOT / "README.md").read_text()
    roles = [path.name for path in (ROOT / "roles").iterdir() if (path / "tasks").is_dir()]
    playbooks = [path.stem for path in (ROOT / "playbooks").glob("*.yml")]
    assert [
        name for name in (*(module.stem for module in MODULES), *roles, *playbooks) if f"`{name}`" not in readme
    ] == []


def test_sanity_hides_nothing() -> None:
    assert not list((ROOT / "tests" / "sanity").glob("ignore*.txt"))


LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_holds_hashes_and_no_address(lock: pathlib.Path) -> None:
    text = lock.read_text()
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    pins = [line for line in lines if not line.startswith(" ")]
    assert pins
    assert all(re.fullmatch(r"[a-z0-9.\[\]-]+==\S+( ; [^@]+)? \\", line) for line in pins)
    assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines if line.startswith(" "))
    assert "://" not in text
    assert lock.with_suffix(".in").is_file()


# Written in pieces, so that this file does not find itself.
NEVER_COMMITTED = {
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
    "a path of a developer's machine": re.compile(
        r"(?<![\w.-])/(?:work/(?:main|shared)|root/\." + "pyenv|home/[a-z]+/)"
    ),
    "a package index": re.compile(r"(?:--(?:extra-)?index-" + r"url|files\.python" + "hosted)"),
    "a host name in a lock or a recipe": re.compile(r"://[^\s/@]+:[^\s/@]+@"),
}


def test_nothing_is_committed_that_must_not_be() -> None:
    found = []
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {what}: {match.group(0)}"
            for what, pattern in NEVER_COMMITTED.items()
            for match in pattern.finditer(text)
        ]
    assert not found


def test_version_is_the_same_everywhere() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert (galaxy["namespace"], galaxy["name"]) == ("mailrealm", "kerberos")
    assert re.fullmatch(r"\d+\.\d+\.\d+", galaxy["version"])


def test_every_fragment_of_the_changelog_is_a_mapping() -> None:
    for fragment in (ROOT / "changelogs" / "fragments").glob("*"):
        assert fragment.suffix in (".yml", ".yaml")
        assert isinstance(yaml.safe_load(fragment.read_text()), dict)
