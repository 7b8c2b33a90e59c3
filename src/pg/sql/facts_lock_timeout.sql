-- LOCAL: it ends with the transaction, and a transaction pooler gives the whole of that to one
-- client, so that nothing stays behind. SET itself looks nothing up that could be locked.
SET LOCAL lock_timeout = '1s'
