"""test/bench/look and top, in small: that they stage, measure and report."""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import xml.etree.ElementTree

import pytest

LOOK = pathlib.Path(__file__).resolve().parents[1] / "bench/look"


TOP = LOOK.with_name("top")


def run(major, servers_directory, program_path, folder, scenario):
    if program_path is None:
        pytest.skip("staged only: --pgunlock=none")
    done = subprocess.run([sys.executable, LOOK, "--quick", "--profile", "--scenario", scenario, "--major", str(major),
                           "--servers", servers_directory, "--pgunlock", program_path, "--json", folder / "json",
                           "--svg", folder / "svg"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "json").read_text()), done.stdout


def test_totals(major, servers_directory, program_path, tmp_path):
    if major != 18:
        pytest.skip("is measured on 18")
    figures, text = run(major, servers_directory, program_path, tmp_path, "totals")
    assert figures["totals"]["seconds"] > 0 and figures["totals"]["postgresql"].startswith("18.")
    assert "Roots and totals only, PostgreSQL 18." in text


def test_storms(major, servers_directory, program_path, tmp_path):
    figures, text = run(major, servers_directory, program_path, tmp_path, "row-storm")
    assert figures["postgresql"].startswith(f"{major}.")
    assert [(one["size"], one["waiters"]) for one in figures["scenarios"]] == [(5, 5), (20, 20)]
    small, large = (one["results"] for one in figures["scenarios"])
    for result in (*small.values(), *large.values()):
        assert len(result["samples"]) == 3
        assert result["seconds"] == statistics.median(result["samples"]) > 0
    # of what all the waiters are in
    for name in ("look", "bare locks", "bare activity", "self-join", "pg_blocking_pids"):
        assert large[name]["bytes"] > small[name]["bytes"] > 0
    assert (large["heartbeat"]["rows"], large["pg_blocking_pids"]["rows"]) == (20, 20)
    # the holder, too
    assert large["recursive tree"]["rows"] == 21
    # of the others on the same thing: each waiter for the row has the one that is first beside it, which holds the tuple
    assert large["self-join"]["rows"] >= 19 * 19
    look = large["look"]
    # medians of three each, which needn't come from the same turn
    assert look["seconds"] > 0 and look["server"] >= min(look["trips"]) > 0 and look["lines"] >= 1
    assert min(look["memory"], large["tree"]["memory"], large["status"]["memory"]) > 1_000_000
    # Keys of rows are remembered for a while: not every look asks for them.
    assert all(row["calls"] > 0 and row["execute"] > 0 for one in figures["scenarios"] for row in one["profile"])
    assert all(one["profile"] for one in figures["scenarios"])
    assert {target["met"] for target in figures["targets"]} == {None}
    assert "| one row, 20 waiters |" in text
    assert xml.etree.ElementTree.parse(tmp_path / "svg").getroot().tag.endswith("svg")


def test_the_live_screen(major, servers_directory, program_path):
    if program_path is None or major != 18:
        pytest.skip("is measured on 18")
    done = subprocess.run([sys.executable, TOP, "--waiters", "20", "--seconds", "2", "--keys", "10", "--pgunlock", program_path,
                           "--bindir", servers_directory / str(major) / "bin"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    # 1: slower than it is to be, which a machine that does other things as well may well be
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    figures = dict(re.findall(r"^(.+?) {2,}median +(\d+\.\d) ms", done.stdout, re.M))
    assert set(figures) == {"CPU of a refresh", "key, between looks", "key, while a look is under way"}
    assert all(float(figure) > 0 for figure in figures.values())
