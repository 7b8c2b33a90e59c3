INSERT OR IGNORE INTO concerned (incident, database, schema, name) VALUES (:incident, :database, :schema, :name)
