-- What was begun by a writer that is no more.
UPDATE act SET message = :message WHERE settled_at IS NULL AND result IS NULL AND message IS NULL
