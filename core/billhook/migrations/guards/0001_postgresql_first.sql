-- Needed before the first table: what a table's own triggers call.

CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
-- The arguments name the columns that may change.
BEGIN
  IF TG_NARGS = 0 OR to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = 'append_only',
      MESSAGE = format('append_only: what %s holds never changes', TG_TABLE_NAME);
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
    CONSTRAINT = 'append_only',
    MESSAGE = format('append_only: rows of %s are never deleted', TG_TABLE_NAME);
END $$;
