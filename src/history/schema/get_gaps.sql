SELECT since, until, is_away FROM gap WHERE incident = :incident ORDER BY since
