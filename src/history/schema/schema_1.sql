-- Times are microseconds since 1970. What is a document in JSON is what nobody asks the file about:
-- it is read back whole. root_user, root_application and the rows of concerned are what incidents
-- are looked for by.
CREATE TABLE incident (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	server TEXT NOT NULL,
	server_started_at INTEGER,
	started_at INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	ended_at INTEGER,
	ending TEXT,
	is_deadlock INTEGER NOT NULL,
	root TEXT NOT NULL,
	root_user TEXT,
	root_application TEXT,
	target TEXT,
	mode TEXT,
	blocked INTEGER NOT NULL,
	peak_blocked INTEGER NOT NULL,
	peak_at INTEGER,
	longest_wait_us INTEGER NOT NULL,
	waited_us INTEGER NOT NULL,
	unlisted INTEGER NOT NULL,
	follows INTEGER
);
CREATE INDEX incident_started ON incident (started_at);
CREATE INDEX incident_ended ON incident (ended_at);
CREATE INDEX incident_follows ON incident (follows) WHERE follows IS NOT NULL;
-- Who waited. While since isn't NULL it waits on: to waited_us, which was worked out at its
-- last_seen, the time from there to the incident's last_seen is to be added.
CREATE TABLE waiter (
	incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	pid INTEGER NOT NULL,
	backend_start INTEGER NOT NULL,
	session TEXT NOT NULL,
	target TEXT,
	mode TEXT,
	waits INTEGER NOT NULL,
	first_at INTEGER NOT NULL,
	since INTEGER,
	last_seen INTEGER NOT NULL,
	waited_us INTEGER NOT NULL,
	waitstart INTEGER,
	PRIMARY KEY (incident, pid, backend_start)
) WITHOUT ROWID;
-- The tables that an incident is about, also those whose partitions, indexes or TOAST tables it is.
CREATE TABLE concerned (
	incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	database TEXT NOT NULL,
	schema TEXT NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (incident, database, schema, name)
) WITHOUT ROWID;
CREATE TABLE statement (
	incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
	session TEXT NOT NULL,
	began_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,
	statement TEXT NOT NULL,
	PRIMARY KEY (incident, session, began_at)
) WITHOUT ROWID;
CREATE TABLE act (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	incident INTEGER REFERENCES incident (id) ON DELETE CASCADE,
	server TEXT NOT NULL,
	at INTEGER NOT NULL,
	act TEXT NOT NULL,
	author TEXT NOT NULL,
	dry_run INTEGER NOT NULL,
	session TEXT NOT NULL,
	session_id TEXT,
	settled_at INTEGER,
	result TEXT,
	message TEXT,
	freed INTEGER NOT NULL
);
CREATE INDEX act_incident ON act (incident);
CREATE INDEX act_at ON act (at);
