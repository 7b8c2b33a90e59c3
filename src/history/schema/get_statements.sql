SELECT session, began_at, seen_at, statement FROM statement WHERE incident = :incident ORDER BY began_at, session
