-- A template: {key} is ", expression" with the text of the value for each column of the key, {table} and {condition} what a
-- person named. It has no parameters, so that a $1 in the condition is an error; the line's end behind
-- the condition is for one that ends in a comment.
SELECT tableoid, ctid, xmax{key}
FROM {table}
WHERE (
{condition}
)
LIMIT {limit}
