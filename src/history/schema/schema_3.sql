-- What people know of an incident, so that the next guard goes on with it and doesn't tell it anew; and when nobody
-- looked while it lasted. is_away: no guard ran, or it didn't get so far; else the server gave no answer.
ALTER TABLE incident ADD COLUMN told_rule TEXT;
ALTER TABLE incident ADD COLUMN told_blocked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN told_wait_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN acted_rule TEXT;
CREATE TABLE gap (
	incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	is_away INTEGER NOT NULL,
	PRIMARY KEY (incident, since)
) WITHOUT ROWID;
