"""Reads what the tests ask of pgunlock's JSON documents."""


def session(document, who):
    """The entry of a rig session (or of an id) in a tree."""
    wanted = getattr(who, "id", who)
    found = [entry for entry in document["sessions"] if entry["id"] == wanted]
    assert len(found) == 1, f"{wanted} is {len(found)} times among {[entry['id'] for entry in document['sessions']]}"
    return found[0]


def edges(document):
    """The set of (waiter id, blocker id)."""
    return {(edge["waiter"], edge["blocker"]) for edge in document["edges"]}


def acts(document):
    """id -> act of those that the plan doesn't refuse."""
    return {item["session"]: item["act"] for item in document["plan"] if not item["refused"]}


def refusals(document):
    """id -> why, of those that it refuses."""
    return {item["session"]: item["refused"] for item in document["plan"] if item["refused"]}


def plan_item(document, who):
    wanted = getattr(who, "id", who)
    found = [item for item in document["plan"] if item["session"] == wanted]
    assert len(found) == 1, f"{wanted} is {len(found)} times in {document['plan']}"
    return found[0]


def results(document):
    """id -> result."""
    return {item["session"]: item["result"] for item in document["results"]}


def waiters(document):
    """(granted, gave up, still waiting)"""
    fates = document["waiters"]
    return fates["granted"], fates["gave_up"], fates["still_waiting"]


def ids(*sessions):
    return {session.id for session in sessions}
