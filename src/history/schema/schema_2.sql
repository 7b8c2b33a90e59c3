-- What was said to whom, and who blocked at single moments: for policies to be replayed over.
CREATE TABLE notice (
	id INTEGER PRIMARY KEY,
	incident INTEGER REFERENCES incident (id) ON DELETE CASCADE,
	server TEXT,
	at INTEGER NOT NULL,
	event TEXT NOT NULL,
	notifier TEXT NOT NULL,
	delivered INTEGER NOT NULL,
	tries INTEGER NOT NULL,
	message TEXT
);
CREATE INDEX notice_incident ON notice (incident);
CREATE INDEX notice_at ON notice (at);
CREATE TABLE sample (
	id INTEGER PRIMARY KEY,
	server TEXT NOT NULL,
	at INTEGER NOT NULL,
	blockers TEXT NOT NULL
);
CREATE INDEX sample_at ON sample (at);
