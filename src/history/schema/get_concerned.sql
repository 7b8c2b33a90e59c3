SELECT database, schema, name FROM concerned WHERE incident = :incident
