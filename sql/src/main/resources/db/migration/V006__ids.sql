CREATE SEQUENCE otel.fact_id_blocks AS bigint MINVALUE 0 MAXVALUE 65535 CYCLE;
COMMENT ON SEQUENCE otel.fact_id_blocks IS
    'Each value n reserves the numbers n * 65536 to n * 65536 + 65535 for the low 32 bits of fact ids, whose high bits are the second of arrival. Starting over is safe: nobody writes 4,294,967,296 rows in a second.';
