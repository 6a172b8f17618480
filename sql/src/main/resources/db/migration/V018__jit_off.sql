-- A query whose bounds are only known when it runs is planned for every partition, costs as much as all of them to the
-- planner, and so has all of their scans compiled: 3 s for what takes 25 ms, attributes of 500 spans in 30 partitions.

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'Not the owner of database %. Let its owner run: ALTER DATABASE % SET jit = off;',
            current_database(), current_database();
END
$$;
