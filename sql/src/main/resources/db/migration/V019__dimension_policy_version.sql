-- While one job replaces another, the older may come last with what it described under the older policy.

ALTER TABLE otel.resources_dim ADD COLUMN policy_version bigint NOT NULL DEFAULT 0;
ALTER TABLE otel.scopes_dim ADD COLUMN policy_version bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN otel.resources_dim.policy_version IS
    'Version of the attribute policy that the row and its attributes were last written by, in attribute_policy; 0 where that was before this column. Only grows.';
COMMENT ON COLUMN otel.scopes_dim.policy_version IS
    'Version of the attribute policy that the row and its attributes were last written by, in attribute_policy; 0 where that was before this column. Only grows.';
