-- Statement triggers see a whole set at once; the kernel writes one statement per table and set.
-- Each refusal carries the name of its guard as its constraint.
--
-- What looks into tables is planned anew each time, by EXECUTE: a plan that is kept from when the
-- tables were empty reads all rows of a tenant where the primary key names one.

-- The ledger

CREATE FUNCTION guard_posting() RETURNS trigger LANGUAGE plpgsql AS $$
-- An entry comes whole, lines 1 to n: a later statement for it would need a second line 1.
BEGIN
  IF EXISTS (
    SELECT FROM n GROUP BY tenant_id, entry_id
    HAVING count(*) < 2 OR min(line_no) <> 1 OR max(line_no) <> count(*) OR sum(base_amount) <> 0
  ) OR EXISTS (
    SELECT FROM n GROUP BY tenant_id, entry_id, currency HAVING sum(amount) <> 0
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'posting',
      CONSTRAINT = 'entry_balances',
      MESSAGE = 'entry_balances: the postings of an entry come in one statement, two or more,'
        ' numbered from 1, and sum to zero in each currency and in the base currency';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON posting REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_posting();

CREATE FUNCTION guard_entry_seal() RETURNS trigger LANGUAGE plpgsql AS $$
-- The head moves with its seals, and only from where they begin: one statement that locks its
-- row, so that the conditions hold against whoever did not ask for the lock first.
DECLARE
  journals bigint;
  moved bigint;
BEGIN
  SELECT count(DISTINCT tenant_id) INTO journals FROM n;
  EXECUTE $q$
    UPDATE journal_head h SET last_sequence = s.last, last_hash = s.last_hash
    FROM (
      SELECT n.tenant_id, min(n.sequence) AS first, max(n.sequence) AS last,
        (array_agg(n.hash ORDER BY n.sequence DESC))[1] AS last_hash,
        (array_agg(n.previous_hash ORDER BY n.sequence))[1] AS previous_hash,
        min(e.entry_on) AS first_on,
        bool_and(
          e.content_hash IS NOT DISTINCT FROM n.content_hash AND p.line_no IS NOT NULL
        ) AS match
      FROM n LEFT JOIN entry e ON e.tenant_id = n.tenant_id AND e.id = n.entry_id
      LEFT JOIN posting p
        ON p.tenant_id = n.tenant_id AND p.entry_id = n.entry_id AND p.line_no = 1
      GROUP BY n.tenant_id
    ) s
    WHERE h.tenant_id = s.tenant_id AND s.match
      AND h.last_sequence = s.first - 1 AND h.last_hash = s.previous_hash
      AND (h.closed_through IS NULL OR h.closed_through < s.first_on)
  $q$;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved = journals THEN
    RETURN NULL;
  END IF;
  IF EXISTS (
    SELECT FROM n JOIN entry e ON e.tenant_id = n.tenant_id AND e.id = n.entry_id
    WHERE e.content_hash <> n.content_hash
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'entry_seal',
      CONSTRAINT = 'seal_matches',
      MESSAGE = 'seal_matches: a seal carries the hash of another content than its entry';
  END IF;
  IF EXISTS (
    SELECT FROM n WHERE NOT EXISTS (
      SELECT FROM posting p WHERE p.tenant_id = n.tenant_id AND p.entry_id = n.entry_id
    )
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'entry_seal',
      CONSTRAINT = 'entry_balances', MESSAGE = 'entry_balances: an entry has no postings';
  END IF;
  IF EXISTS (
    SELECT FROM n JOIN entry e ON e.tenant_id = n.tenant_id AND e.id = n.entry_id
    JOIN journal_head h ON h.tenant_id = n.tenant_id WHERE e.entry_on <= h.closed_through
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'entry_seal',
      CONSTRAINT = 'period_closed', MESSAGE = 'period_closed: the ledger is closed on that date';
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'entry_seal',
    CONSTRAINT = 'journal_head',
    MESSAGE = 'journal_head: a seal does not follow the last one of its journal';
END $$;
CREATE TRIGGER guard AFTER INSERT ON entry_seal REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_entry_seal();

CREATE FUNCTION guard_journal_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.last_sequence <> 0 OR NEW.last_hash <> decode(repeat('00', 32), 'hex') THEN
      RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'journal_head',
        CONSTRAINT = 'journal_head', MESSAGE = 'journal_head: a journal begins empty';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.closed_through < OLD.closed_through
    OR (NEW.closed_through IS NULL AND OLD.closed_through IS NOT NULL)
  THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'journal_head',
      CONSTRAINT = 'period_closed', MESSAGE = 'period_closed: a closed period never opens again';
  END IF;
  IF (NEW.last_sequence <> OLD.last_sequence OR NEW.last_hash <> OLD.last_hash) AND (
    NOT EXISTS (
      SELECT FROM entry_seal s WHERE s.tenant_id = NEW.tenant_id
        AND s.sequence = NEW.last_sequence AND s.hash = NEW.last_hash
    ) OR EXISTS (
      SELECT FROM entry_seal s
      WHERE s.tenant_id = NEW.tenant_id AND s.sequence = NEW.last_sequence + 1
    )
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'journal_head',
      CONSTRAINT = 'journal_head',
      MESSAGE = 'journal_head: the head of a journal is its last seal';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON journal_head
  FOR EACH ROW EXECUTE FUNCTION guard_journal_head();

-- Documents

CREATE FUNCTION guard_late_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  late boolean;
BEGIN
  EXECUTE $q$
    SELECT EXISTS (
      SELECT FROM n
      JOIN document_seal s ON s.tenant_id = n.tenant_id AND s.document_id = n.document_id
    )
  $q$ INTO late;
  IF late THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
      CONSTRAINT = 'document_sealed',
      MESSAGE = 'document_sealed: a sealed document takes nothing more';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON document_line REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_late_part();
CREATE TRIGGER guard AFTER INSERT ON document_adjustment REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_late_part();
CREATE TRIGGER guard AFTER INSERT ON document_tax REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_late_part();
CREATE TRIGGER guard AFTER INSERT ON receivable REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_late_part();
CREATE TRIGGER guard AFTER INSERT ON credit REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_late_part();

CREATE FUNCTION guard_document_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
  credits boolean;
  runs bigint;
  moved bigint;
BEGIN
  EXECUTE $q$
    SELECT min(CASE
      WHEN (d.content_hash = n.content_hash AND d.run_id = n.run_id) IS NOT TRUE
        THEN 'seal_matches'
      WHEN (parts.first = 1 AND parts.last = parts.lines AND parts.are_even
        AND d.net = parts.net AND d.tax = parts.tax) IS NOT TRUE
        THEN 'document_totals'
      WHEN d.entry_id IS NOT NULL AND (
        p.amount = CASE d.type WHEN 'invoice' THEN d.payable ELSE -d.payable END
        AND p.currency = d.currency AND p.customer_id = d.payer_id AND e.source_id = d.id
        AND e.entry_on = d.issue_on AND e.base_currency = d.base_currency
      ) IS NOT TRUE OR CASE d.type
        WHEN 'invoice' THEN c.id IS NULL AND r.amount = d.payable
          AND r.currency = d.currency AND r.payer_id = d.payer_id
        WHEN 'credit_note' THEN r.id IS NULL AND c.amount = d.payable
          AND c.currency = d.currency AND c.payer_id = d.payer_id
        ELSE r.id IS NULL AND c.id IS NULL
      END IS NOT TRUE
        THEN 'document_posted'
    END), bool_or(d.type = 'credit_note')
    FROM n
    LEFT JOIN document d ON d.tenant_id = n.tenant_id AND d.id = n.document_id
    CROSS JOIN LATERAL (
      SELECT sum(lines) AS lines, min(first) AS first, max(last) AS last, sum(net) AS net,
        sum(tax) AS tax, bool_and((net = least_taxed AND net = most_taxed) IS TRUE) AS are_even
      FROM (
        SELECT count(line_no) AS lines, min(line_no) AS first, max(line_no) AS last,
          sum(net) AS net, sum(tax) AS tax, min(taxed) AS least_taxed, max(taxed) AS most_taxed
        FROM (
          SELECT group_no, line_no, net, 0 AS tax, NULL::bigint AS taxed FROM document_line l
          WHERE l.tenant_id = n.tenant_id AND l.document_id = n.document_id
          UNION ALL
          SELECT group_no, NULL, net, 0, NULL FROM document_adjustment a
          WHERE a.tenant_id = n.tenant_id AND a.document_id = n.document_id
          UNION ALL
          SELECT group_no, NULL, 0, CASE kind WHEN 'withholding' THEN 0 ELSE tax END, net
          FROM document_tax t
          WHERE t.tenant_id = n.tenant_id AND t.document_id = n.document_id
        ) part GROUP BY group_no
      ) tax_group
    ) parts
    LEFT JOIN entry e ON e.tenant_id = d.tenant_id AND e.id = d.entry_id
    LEFT JOIN posting p ON p.tenant_id = d.tenant_id AND p.entry_id = d.entry_id AND p.line_no = 1
    LEFT JOIN receivable r ON r.tenant_id = d.tenant_id AND r.document_id = d.id
    LEFT JOIN credit c ON c.tenant_id = d.tenant_id AND c.document_id = d.id
  $q$ INTO wrong, credits;

  IF wrong IS NULL AND credits THEN
    EXECUTE $q$
      SELECT 'line_credited' FROM (
        SELECT DISTINCT l.tenant_id, l.credited_document_id, l.credited_line_no,
          d.payer_id, d.currency
        FROM n JOIN document d ON d.tenant_id = n.tenant_id AND d.id = n.document_id
        JOIN document_line l ON l.tenant_id = d.tenant_id AND l.document_id = d.id
        WHERE l.credited_document_id IS NOT NULL
      ) c
      LEFT JOIN document o ON o.tenant_id = c.tenant_id AND o.id = c.credited_document_id
      LEFT JOIN document_line l ON l.tenant_id = c.tenant_id
        AND l.document_id = c.credited_document_id AND l.line_no = c.credited_line_no
      LEFT JOIN line_balance b ON b.tenant_id = c.tenant_id
        AND b.document_id = c.credited_document_id AND b.line_no = c.credited_line_no
      CROSS JOIN LATERAL (
        SELECT sum(net) AS net FROM document_line x WHERE x.tenant_id = c.tenant_id
          AND x.credited_document_id = c.credited_document_id
          AND x.credited_line_no = c.credited_line_no
      ) x
      WHERE (b.amount = l.net AND b.credited = x.net
        AND o.payer_id = c.payer_id AND o.currency = c.currency) IS NOT TRUE
      LIMIT 1
    $q$ INTO wrong;
  END IF;

  -- As the head of the journal moves: see guard_entry_seal.
  IF wrong IS NULL THEN
    SELECT count(*) INTO runs FROM (SELECT DISTINCT tenant_id, run_id FROM n) r;
    EXECUTE $q$
      UPDATE series_run r SET last_number = s.last, last_hash = s.last_hash, last_on = s.last_on
      FROM (
        SELECT tenant_id, run_id, min(number) AS first, max(number) AS last,
          (array_agg(hash ORDER BY number DESC))[1] AS last_hash,
          (array_agg(previous_hash ORDER BY number))[1] AS previous_hash,
          min(issue_on) AS first_on, max(issue_on) AS last_on,
          bool_or(issue_on < previous_on) AS falls
        FROM (
          SELECT n.*, d.issue_on,
            lag(d.issue_on) OVER (PARTITION BY n.tenant_id, n.run_id ORDER BY n.number)
              AS previous_on
          FROM n JOIN document d ON d.tenant_id = n.tenant_id AND d.id = n.document_id
        ) dated GROUP BY tenant_id, run_id
      ) s
      WHERE r.tenant_id = s.tenant_id AND r.id = s.run_id AND s.falls IS NOT TRUE
        AND r.last_number = s.first - 1 AND r.last_hash = s.previous_hash
        AND (r.last_on IS NULL OR r.last_on <= s.first_on)
    $q$;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved = runs THEN
      RETURN NULL;
    END IF;
    wrong := CASE WHEN EXISTS (
      SELECT FROM n JOIN series_run r ON r.tenant_id = n.tenant_id AND r.id = n.run_id
      WHERE (n.number <> r.last_number + 1 OR n.previous_hash <> r.last_hash) AND n.number = (
        SELECT min(x.number) FROM n x WHERE x.tenant_id = n.tenant_id AND x.run_id = n.run_id
      )
    ) THEN 'series_head' ELSE 'issue_date' END;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'document_seal',
    CONSTRAINT = wrong, MESSAGE = wrong || ': ' || CASE wrong
      WHEN 'seal_matches' THEN 'a seal carries another content or series run than its document'
      WHEN 'document_totals' THEN 'the totals of a document are not the sums of its lines,'
        ' adjustments and tax groups'
      WHEN 'document_posted' THEN 'what a document asks for is not what is posted and owed for it'
      WHEN 'line_credited' THEN 'what is credited of a line is not what its balance says'
      WHEN 'issue_date' THEN 'a document is dated before the one that it follows in its series'
      ELSE 'a seal does not follow the last one of its series run'
    END;
END $$;
CREATE TRIGGER guard AFTER INSERT ON document_seal REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_document_seal();

CREATE FUNCTION guard_series_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.last_number = NEW.first_number - 1
    AND NEW.last_hash = decode(repeat('00', 32), 'hex') AND NEW.last_on IS NULL
    AND NOT EXISTS (
      SELECT FROM document_seal s WHERE s.tenant_id = NEW.tenant_id AND s.run_id = NEW.id
    )
  THEN
    RETURN NEW;  -- empty: it may still begin at another number
  END IF;
  IF TG_OP = 'INSERT' OR NEW.first_number <> OLD.first_number OR NOT EXISTS (
    SELECT FROM document_seal s
    JOIN document d ON d.tenant_id = s.tenant_id AND d.id = s.document_id
    WHERE s.tenant_id = NEW.tenant_id AND s.run_id = NEW.id
      AND s.number = NEW.last_number AND s.hash = NEW.last_hash AND d.issue_on = NEW.last_on
  ) OR EXISTS (
    SELECT FROM document_seal s WHERE s.tenant_id = NEW.tenant_id AND s.run_id = NEW.id
      AND s.number = NEW.last_number + 1
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'series_run',
      CONSTRAINT = 'series_head',
      MESSAGE = 'series_head: the head of a series run is its last seal';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON series_run
  FOR EACH ROW EXECUTE FUNCTION guard_series_run();

CREATE FUNCTION guard_party_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.content IS NOT NULL OR NEW.salt IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'party_snapshot',
      CONSTRAINT = 'append_only',
      MESSAGE = 'append_only: a party as frozen can be erased, not changed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON party_snapshot
  FOR EACH ROW EXECUTE FUNCTION guard_party_snapshot();

-- Charges

CREATE FUNCTION guard_claim_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
-- Whoever bills a charge holds its claim; deletion waits for them, and then must see what they
-- wrote, which an older snapshot would hide.
DECLARE
  billed boolean;
BEGIN
  EXECUTE $q$
    SELECT EXISTS (
      SELECT FROM gone g
      JOIN document_line l ON l.tenant_id = g.tenant_id AND l.charge_id = g.charge_id
    )
  $q$ INTO billed;
  IF billed OR current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'charge_claim',
      CONSTRAINT = 'charge_billed',
      MESSAGE = 'charge_billed: the claim of a billed charge stays, and others are given up'
        ' by READ COMMITTED only';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER DELETE ON charge_claim REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION guard_claim_deletion();
CREATE TRIGGER keeps_all_rows BEFORE TRUNCATE ON charge_claim
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();

-- Balances

CREATE FUNCTION guard_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM n JOIN receivable r ON r.tenant_id = n.tenant_id AND r.id = n.receivable_id
    JOIN credit c ON c.tenant_id = n.tenant_id AND c.id = n.credit_id
    WHERE r.payer_id <> c.payer_id OR r.currency <> c.currency
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'allocation',
      CONSTRAINT = 'allocation_matches',
      MESSAGE = 'allocation_matches: a credit settles what the same payer owes in its currency';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON allocation REFERENCING NEW TABLE AS n
  FOR EACH STATEMENT EXECUTE FUNCTION guard_allocation();

-- Tenants

CREATE FUNCTION guard_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.slug, NEW.country, NEW.currency, NEW.is_sandbox)
      <> (OLD.id, OLD.slug, OLD.country, OLD.currency, OLD.is_sandbox)
    OR NEW.clock_offset_seconds < OLD.clock_offset_seconds
  THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = 'tenant',
      CONSTRAINT = 'tenant_fixed',
      MESSAGE = 'tenant_fixed: slug, country, currency and sandbox stay, and time goes forward';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON tenant FOR EACH ROW EXECUTE FUNCTION guard_tenant();
