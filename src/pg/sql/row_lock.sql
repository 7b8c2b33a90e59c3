-- A template: from here to the transaction's end the table keeps its name. Whoever reads it has this lock anyway.
LOCK TABLE ONLY {table} IN ACCESS SHARE MODE NOWAIT
