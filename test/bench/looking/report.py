"""From what was measured to Markdown."""

import re

PEERS = {"self-join": "self-join", "recursive tree": "recursive tree", "pg_blocking_pids": "`pg_blocking_pids`"}

# characters that are shown of it
STATEMENT = 70


def number(value):
    """Three significant digits, thousands apart; what was counted, whole."""
    if value >= 100 or isinstance(value, int):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratio(value):
    return "" if value is None else number(value)


def _milliseconds(result, limit):
    return f"over {limit:,} s" if result.get("over") else number(1000 * result["seconds"])


def _kilobytes(result):
    return "" if result.get("over") else number(result["bytes"] / 1000)


def _table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _times(run):
    header = ["ms", "look", "of it server and transfer", "bare locks", "bare activity", "look / both", "heartbeat",
              *PEERS.values(), "self-join / look"]
    rows = []
    for one in run["scenarios"]:
        results, ratios = one["results"], one["ratios"]
        look = results["look"]
        faster = ratios["self-join"]
        rows.append([one["title"], number(1000 * look["seconds"]), number(1000 * look["server"]),
                     _milliseconds(results["bare locks"], run["limit"]),
                     _milliseconds(results["bare activity"], run["limit"]), _ratio(ratios["bare"]),
                     *(_milliseconds(results[name], run["limit"]) for name in ("heartbeat", *PEERS)),
                     "" if faster is None else number(1 / faster)])
    return _table(header, rows)


def _costs(run):
    header = ["", "round trips of a look, ms", "kB", "bare locks and activity, kB", "self-join, kB",
              "`check` after login, ms", "`status`, whole process, ms", "`tree --format json`, ms", "peak MB: watch",
              "status", "tree"]
    rows = []
    for one in run["scenarios"]:
        results = one["results"]
        look = results["look"]
        rows.append([one["title"], " + ".join(number(1000 * trip) for trip in look["trips"]), _kilobytes(look),
                     number((results["bare locks"]["bytes"] + results["bare activity"]["bytes"]) / 1000),
                     _kilobytes(results["self-join"]),
                     *(number(1000 * results[name]["seconds"]) for name in ("check", "status", "tree")),
                     *(number(results[name]["memory"] / 1e6) for name in ("look", "status", "tree"))])
    return _table(header, rows)


def _profiles(run):
    rows = []
    for one in run["scenarios"]:
        for row in one["profile"]:
            # | would end the cell
            begins = row["statement"][:STATEMENT].strip().replace("|", "\\|")
            rows.append([one["title"], f"`{begins}`", number(round(row["calls"])), number(row["execute"]), number(row["plan"])])
    return _table(["", "begins with", "calls", "executing, ms", "planning, ms"], rows)


def _intrusion(run):
    rows = []
    for row in run["intrusion"]:
        ratios = row.get("ratios")
        rows.append([row["workload"], f'{row["rate"]}/s' if ratios else "none", number(row["looks"]) if ratios else "",
                     number(row["tps"]), number(1000 * row["p99"]), number(1000 * row["p99.9"]),
                     *(number(ratios[what]) if ratios else "" for what in ("tps", "p99", "p99.9"))])
    return _table(["workload", "watched", "looks per second", "transactions per second", "p99, ms", "p99.9, ms",
                   "throughput / none", "p99 / none", "p99.9 / none"], rows)


def _targets(run):
    rows = []
    for target in run["targets"]:
        kind, value = target["wanted"]
        if target["measured"] is None:
            verdict, measured = "not in this run", ""
        else:
            verdict = "met" if target["met"] else f'missed by {number(target["missed_by"])} x'
            measured = number(target["measured"]) + target["unit"]
        rows.append([target["what"], f'{kind} {value:,g}{target["unit"]}', measured, verdict])
    return _table(["target", "wanted", "measured", ""], rows)


def markdown(run):
    machine = run["machine"]
    parts = [f'{run["date"]}, PostgreSQL {run["postgresql"]}, {machine["cores"]} cores ({machine["processor"]}), load'
             f' average {machine["load_before"]:.1f} before the run: `{run["command"]}`\n', _targets(run)]
    if run["scenarios"]:
        parts += ["Times of a warm connection, medians:\n", _times(run), "What else it costs:\n", _costs(run)]
    if any(one["profile"] for one in run["scenarios"]):
        parts += ["Where the server's time goes during a look, the longest statements:\n", _profiles(run)]
    if run["totals"]:
        one = run["totals"]
        trips = " + ".join(number(1000 * trip) for trip in one["trips"])
        parts.append(f'Roots and totals only, PostgreSQL {one["postgresql"]}, beside {one["size"]:,} locks: `check` with'
                     f' thresholds on numbers alone asks for {number(1000 * one["seconds"])} ms after its login ({trips});'
                     f' bare locks take {number(1000 * one["bare"])} ms there.\n')
    if run["intrusion"]:
        parts += ["pgbench beside `tree --watch`, medians; ratios run against run:\n", _intrusion(run)]
    if run["left_out"]:
        parts.append(f'Left out: {run["left_out"]}.\n')
    return "\n".join(parts)


BEGIN, END = "<!-- from here on by test/bench/look -->", "<!-- up to here -->"


def put_into(document, text):
    """The document with text between its two marks instead of what was there."""
    found = re.subn(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n{text}\n{END}", document, flags=re.S)
    if found[1] != 1:
        raise ValueError("the document has no place for it")
    return found[0]
