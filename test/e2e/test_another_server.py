"""Several servers may share a name or a balancer's address: what takes two connections needs the same one twice."""

from rig.incidents import Login


def lead_elsewhere(pgunlock, db, proxy, own_server, sql, *arguments):
    """Runs it; before this statement the address begins to lead to a server with a database of the same name."""
    own_server.observer.execute(f"CREATE DATABASE {db.name}")
    try:
        hold = proxy.hold_sql(sql)
        process = pgunlock.at(port=proxy.port).start(*arguments)
        hold.wait()
        proxy.lead_to(own_server.port)
        hold.release()
        return pgunlock.finish(process, arguments)
    finally:
        own_server.observer.execute(f"DROP DATABASE {db.name} WITH (FORCE)")


def test_rows_of_one_and_locks_of_another(pgunlock, db, proxy, own_server):
    Login(db)
    refused = lead_elsewhere(pgunlock, db, proxy, own_server, "user_id = 42", "row", "login_sessions", "user_id = 42")
    refused.expect(6)
    assert "reached another server" in refused.err
    assert refused.out == ""
