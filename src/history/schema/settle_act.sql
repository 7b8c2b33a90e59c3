UPDATE act SET settled_at = :settled_at, result = :result, message = :message, freed = :freed WHERE id = :id
