-- What nobody goes on with: it is known to have lasted until last_seen.
UPDATE incident SET ended_at = last_seen, ending = :ending, blocked = 0 WHERE id = :id
