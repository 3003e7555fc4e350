-- Grafana reads the store and nothing more: who looks at a dashboard sends queries of his own with it.
CREATE ROLE grafana LOGIN PASSWORD 'grafana';
GRANT pg_read_all_data TO grafana;
