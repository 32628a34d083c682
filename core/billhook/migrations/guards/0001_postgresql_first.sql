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

CREATE FUNCTION guard_references() RETURNS trigger LANGUAGE plpgsql AS $$
-- Four arguments for each reference: its name, its columns, the table and the columns of its key.
-- Sound where the row that is pointed to never goes and never changes its key.
DECLARE
  checks text := '';
  wrong text;
BEGIN
  FOR i IN 0 .. TG_NARGS - 1 BY 4 LOOP
    checks := checks || format(
      ' WHEN EXISTS (SELECT FROM (SELECT DISTINCT %2$s FROM n) k WHERE (k.*) IS NOT NULL'
      ' AND NOT EXISTS (SELECT FROM %3$s p WHERE (p.%4$s) = (k.%5$s))) THEN %1$L',
      TG_ARGV[i], TG_ARGV[i + 1], TG_ARGV[i + 2],
      replace(TG_ARGV[i + 3], ',', ', p.'), replace(TG_ARGV[i + 1], ',', ', k.')
    );
  END LOOP;
  EXECUTE 'SELECT CASE' || checks || ' END' INTO wrong;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = wrong, MESSAGE = format(
        'insert on table "%s" violates reference "%s": there is no such row', TG_TABLE_NAME, wrong
      );
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION guard_held_references() RETURNS trigger LANGUAGE plpgsql AS $$
-- One reference, to rows that can go: they are held until the end of the transaction, as a foreign
-- key would hold them. What lets them go must look back: see guard_claim_deletion.
DECLARE
  referring bigint;
  held bigint;
BEGIN
  EXECUTE format(
    'SELECT (SELECT count(*) FROM n WHERE (n.%2$s) IS NOT NULL), (SELECT count(*) FROM ('
    'SELECT FROM n JOIN %1$s p ON (p.%3$s) = (n.%2$s) FOR KEY SHARE OF p) held)',
    TG_ARGV[2], replace(TG_ARGV[1], ',', ', n.'), replace(TG_ARGV[3], ',', ', p.')
  ) INTO referring, held;
  IF held <> referring THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = TG_ARGV[0], MESSAGE = format(
        'insert on table "%s" violates reference "%s": there is no such row',
        TG_TABLE_NAME, TG_ARGV[0]
      );
  END IF;
  RETURN NULL;
END $$;
