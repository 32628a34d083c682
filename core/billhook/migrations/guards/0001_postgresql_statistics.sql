-- Plans that PostgreSQL made while a table was empty read it whole once it is full. Whoever fills
-- tables calls this; it costs little while the statistics still fit.

CREATE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  outgrown text;
BEGIN
  FOR outgrown IN
    SELECT c.oid::regclass::text FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
      AND pg_relation_size(c.oid) / 8192 > 8 * greatest(c.relpages, 1)
    ORDER BY 1
  LOOP
    EXECUTE 'ANALYZE (SKIP_LOCKED) ' || outgrown;
  END LOOP;
END $$;
