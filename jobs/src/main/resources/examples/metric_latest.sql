-- The latest value of each gauge and sum that had a point within the last 5 minutes.
SELECT p.name, p.service_name, p.attributes, p.value, p.unit, p.type, latest.timestamp
FROM (
    SELECT DISTINCT ON (series_id) series_id, timestamp, id
    FROM otel.number_data_points
    WHERE id >= otel.id_at(now() - interval '5 minutes')
    ORDER BY series_id, timestamp DESC NULLS LAST, id DESC
) AS latest
JOIN otel.metric_points AS p ON p.id = latest.id
WHERE p.id >= otel.id_at(now() - interval '5 minutes')
ORDER BY p.name, p.service_name, p.attributes
LIMIT 200;
