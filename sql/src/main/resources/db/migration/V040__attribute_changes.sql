-- What promote_attribute, demote_attribute and drop_attribute have done, and how far they are.

CREATE TABLE otel.attribute_changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    next_id bigint NOT NULL,
    last_id bigint,
    value_count bigint NOT NULL DEFAULT 0,
    action text COLLATE "C" NOT NULL CHECK (action IN ('promote', 'demote', 'drop')),
    context text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value_type text COLLATE "C"
);

COMMENT ON TABLE otel.attribute_changes IS
    'Calls of promote_attribute, demote_attribute and drop_attribute: their progress, and what they did. Rows of ended calls may be deleted.';
COMMENT ON COLUMN otel.attribute_changes.change_id IS 'Number of the change.';
COMMENT ON COLUMN otel.attribute_changes.action IS 'promote, demote or drop.';
COMMENT ON COLUMN otel.attribute_changes.context IS 'What the attribute describes, as in the policy files: resource, scope, span, event, link, log, metric or exemplar.';
COMMENT ON COLUMN otel.attribute_changes.key IS 'The attribute''s key; of a drop it may end with * and is the beginning of keys then.';
COMMENT ON COLUMN otel.attribute_changes.value_type IS 'The type that was promoted; NULL for the other actions, which concern all types.';
COMMENT ON COLUMN otel.attribute_changes.next_id IS 'Rows of the context below this id are done.';
COMMENT ON COLUMN otel.attribute_changes.last_id IS 'The highest id when it was called last: what was committed before that call is covered. NULL where there were no rows.';
COMMENT ON COLUMN otel.attribute_changes.value_count IS 'How many values were moved or erased so far.';
COMMENT ON COLUMN otel.attribute_changes.started_at IS 'When it was called first.';
COMMENT ON COLUMN otel.attribute_changes.updated_at IS 'When the last batch was committed.';
COMMENT ON COLUMN otel.attribute_changes.finished_at IS
    'When it was done. NULL: it runs, or was interrupted, and the same call goes on, of facts at next_id, unless there was another change of the key since.';
