-- SQLite has row triggers only: each row is checked as it comes, a seal when all is there.
-- Each refusal begins with the name of its guard.

-- The ledger

CREATE TRIGGER posting_guard BEFORE INSERT ON posting
WHEN EXISTS (
  SELECT 1 FROM entry_seal s WHERE s.tenant_id = NEW.tenant_id AND s.entry_id = NEW.entry_id
)
BEGIN
  SELECT RAISE(ABORT, 'entry_sealed: a sealed entry takes no more postings');
END;

CREATE TRIGGER entry_seal_guard BEFORE INSERT ON entry_seal
BEGIN
  SELECT RAISE(ABORT, 'entry_balances: the postings of an entry are two or more, numbered from 1, and sum to zero in each currency and in the base currency')
  WHERE (
    SELECT count(*) >= 2 AND min(line_no) = 1 AND max(line_no) = count(*) AND sum(base_amount) = 0
    FROM posting p WHERE p.tenant_id = NEW.tenant_id AND p.entry_id = NEW.entry_id
  ) IS NOT TRUE
  OR EXISTS (
    SELECT 1 FROM posting p WHERE p.tenant_id = NEW.tenant_id AND p.entry_id = NEW.entry_id
    GROUP BY currency HAVING sum(amount) <> 0
  );
  SELECT RAISE(ABORT, 'seal_matches: a seal carries the hash of another content than its entry')
  WHERE NEW.content_hash IS NOT (
    SELECT content_hash FROM entry e WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id
  );
  SELECT RAISE(ABORT, 'period_closed: the ledger is closed on that date')
  WHERE EXISTS (
    SELECT 1 FROM entry e JOIN journal_head h ON h.tenant_id = e.tenant_id
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id AND e.entry_on <= h.closed_through
  );
  SELECT RAISE(ABORT, 'journal_head: a seal does not follow the last one of its journal')
  WHERE NOT EXISTS (
    SELECT 1 FROM journal_head h WHERE h.tenant_id = NEW.tenant_id
      AND h.last_sequence = NEW.sequence - 1 AND h.last_hash = NEW.previous_hash
  );
END;

CREATE TRIGGER entry_seal_moves_head AFTER INSERT ON entry_seal
BEGIN
  UPDATE journal_head SET last_sequence = NEW.sequence, last_hash = NEW.hash
  WHERE tenant_id = NEW.tenant_id;
END;

CREATE TRIGGER journal_head_begins BEFORE INSERT ON journal_head
WHEN NEW.last_sequence <> 0 OR NEW.last_hash <> zeroblob(32)
BEGIN
  SELECT RAISE(ABORT, 'journal_head: a journal begins empty');
END;

CREATE TRIGGER journal_head_guard BEFORE UPDATE ON journal_head
BEGIN
  SELECT RAISE(ABORT, 'period_closed: a closed period never opens again')
  WHERE NEW.closed_through < OLD.closed_through
    OR (NEW.closed_through IS NULL AND OLD.closed_through IS NOT NULL);
  SELECT RAISE(ABORT, 'journal_head: the head of a journal is its last seal')
  WHERE (NEW.last_sequence <> OLD.last_sequence OR NEW.last_hash <> OLD.last_hash) AND (
    NOT EXISTS (
      SELECT 1 FROM entry_seal s WHERE s.tenant_id = NEW.tenant_id
        AND s.sequence = NEW.last_sequence AND s.hash = NEW.last_hash
    ) OR EXISTS (
      SELECT 1 FROM entry_seal s
      WHERE s.tenant_id = NEW.tenant_id AND s.sequence = NEW.last_sequence + 1
    )
  );
END;

-- Documents

CREATE TRIGGER document_line_guard BEFORE INSERT ON document_line
WHEN EXISTS (
  SELECT 1 FROM document_seal s
  WHERE s.tenant_id = NEW.tenant_id AND s.document_id = NEW.document_id
)
BEGIN
  SELECT RAISE(ABORT, 'document_sealed: a sealed document takes nothing more');
END;

CREATE TRIGGER document_adjustment_guard BEFORE INSERT ON document_adjustment
WHEN EXISTS (
  SELECT 1 FROM document_seal s
  WHERE s.tenant_id = NEW.tenant_id AND s.document_id = NEW.document_id
)
BEGIN
  SELECT RAISE(ABORT, 'document_sealed: a sealed document takes nothing more');
END;

CREATE TRIGGER document_tax_guard BEFORE INSERT ON document_tax
WHEN EXISTS (
  SELECT 1 FROM document_seal s
  WHERE s.tenant_id = NEW.tenant_id AND s.document_id = NEW.document_id
)
BEGIN
  SELECT RAISE(ABORT, 'document_sealed: a sealed document takes nothing more');
END;

CREATE TRIGGER receivable_guard BEFORE INSERT ON receivable
WHEN EXISTS (
  SELECT 1 FROM document_seal s
  WHERE s.tenant_id = NEW.tenant_id AND s.document_id = NEW.document_id
)
BEGIN
  SELECT RAISE(ABORT, 'document_sealed: a sealed document takes nothing more');
END;

CREATE TRIGGER credit_guard BEFORE INSERT ON credit
WHEN EXISTS (
  SELECT 1 FROM document_seal s
  WHERE s.tenant_id = NEW.tenant_id AND s.document_id = NEW.document_id
)
BEGIN
  SELECT RAISE(ABORT, 'document_sealed: a sealed document takes nothing more');
END;

CREATE TRIGGER document_seal_guard BEFORE INSERT ON document_seal
BEGIN
  SELECT RAISE(ABORT, 'seal_matches: a seal carries another content or series run than its document')
  WHERE NOT EXISTS (
    SELECT 1 FROM document d WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id
      AND d.content_hash = NEW.content_hash AND d.run_id = NEW.run_id
  );
  SELECT RAISE(ABORT, 'document_totals: the totals of a document are not the sums of its lines, adjustments and tax groups')
  WHERE (
    SELECT parts.first = 1 AND parts.last = parts.lines AND parts.are_even
      AND d.net = parts.net AND d.tax = parts.tax
    FROM document d, (
      SELECT sum(lines) AS lines, min(first) AS first, max(last) AS last, sum(net) AS net,
        sum(tax) AS tax, min((net = least_taxed AND net = most_taxed) IS TRUE) AS are_even
      FROM (
        SELECT count(line_no) AS lines, min(line_no) AS first, max(line_no) AS last,
          sum(net) AS net, sum(tax) AS tax, min(taxed) AS least_taxed, max(taxed) AS most_taxed
        FROM (
          SELECT group_no, line_no, net, 0 AS tax, NULL AS taxed FROM document_line
          WHERE tenant_id = NEW.tenant_id AND document_id = NEW.document_id
          UNION ALL
          SELECT group_no, NULL, net, 0, NULL FROM document_adjustment
          WHERE tenant_id = NEW.tenant_id AND document_id = NEW.document_id
          UNION ALL
          SELECT group_no, NULL, 0, CASE kind WHEN 'withholding' THEN 0 ELSE tax END, net
          FROM document_tax
          WHERE tenant_id = NEW.tenant_id AND document_id = NEW.document_id
        ) GROUP BY group_no
      )
    ) parts
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id
  ) IS NOT TRUE;
  SELECT RAISE(ABORT, 'document_posted: what a document asks for is not what is posted and owed for it')
  WHERE EXISTS (
    SELECT 1 FROM document d
    LEFT JOIN entry e ON e.tenant_id = d.tenant_id AND e.id = d.entry_id
    LEFT JOIN posting p ON p.tenant_id = d.tenant_id AND p.entry_id = d.entry_id AND p.line_no = 1
    LEFT JOIN receivable r ON r.tenant_id = d.tenant_id AND r.document_id = d.id
    LEFT JOIN credit c ON c.tenant_id = d.tenant_id AND c.document_id = d.id
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id AND (
      (d.entry_id IS NOT NULL AND (
        p.amount = CASE d.type WHEN 'invoice' THEN d.payable ELSE -d.payable END
        AND p.currency = d.currency AND p.customer_id = d.payer_id AND e.source_id = d.id
        AND e.entry_on = d.issue_on AND e.base_currency = d.base_currency
      ) IS NOT TRUE)
      OR CASE d.type
        WHEN 'invoice' THEN c.id IS NULL AND r.amount = d.payable
          AND r.currency = d.currency AND r.payer_id = d.payer_id
        WHEN 'credit_note' THEN r.id IS NULL AND c.amount = d.payable
          AND c.currency = d.currency AND c.payer_id = d.payer_id
        ELSE r.id IS NULL AND c.id IS NULL
      END IS NOT TRUE
    )
  );
  SELECT RAISE(ABORT, 'line_credited: what is credited of a line is not what its balance says')
  WHERE EXISTS (
    SELECT 1 FROM document_line n
    JOIN document d ON d.tenant_id = n.tenant_id AND d.id = n.document_id
    LEFT JOIN document o ON o.tenant_id = n.tenant_id AND o.id = n.credited_document_id
    LEFT JOIN document_line l ON l.tenant_id = n.tenant_id
      AND l.document_id = n.credited_document_id AND l.line_no = n.credited_line_no
    LEFT JOIN line_balance b ON b.tenant_id = n.tenant_id
      AND b.document_id = n.credited_document_id AND b.line_no = n.credited_line_no
    WHERE n.tenant_id = NEW.tenant_id AND n.document_id = NEW.document_id
      AND n.credited_document_id IS NOT NULL
      AND (
        b.amount = l.net AND o.payer_id = d.payer_id AND o.currency = d.currency
        AND b.credited = (
          SELECT sum(net) FROM document_line x WHERE x.tenant_id = n.tenant_id
            AND x.credited_document_id = n.credited_document_id
            AND x.credited_line_no = n.credited_line_no
        )
      ) IS NOT TRUE
  );
  SELECT RAISE(ABORT, 'issue_date: a document is dated before the one that it follows in its series')
  WHERE EXISTS (
    SELECT 1 FROM document d JOIN series_run r ON r.tenant_id = d.tenant_id AND r.id = d.run_id
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id AND d.issue_on < r.last_on
  );
  SELECT RAISE(ABORT, 'series_head: a seal does not follow the last one of its series run')
  WHERE NOT EXISTS (
    SELECT 1 FROM series_run r WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.run_id
      AND r.last_number = NEW.number - 1 AND r.last_hash = NEW.previous_hash
  );
END;

CREATE TRIGGER document_seal_moves_head AFTER INSERT ON document_seal
BEGIN
  UPDATE series_run SET last_number = NEW.number, last_hash = NEW.hash, last_on = (
    SELECT issue_on FROM document d WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id
  )
  WHERE tenant_id = NEW.tenant_id AND id = NEW.run_id;
END;

CREATE TRIGGER series_run_begins BEFORE INSERT ON series_run
WHEN NEW.last_number <> NEW.first_number - 1 OR NEW.last_hash <> zeroblob(32)
  OR NEW.last_on IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'series_head: a series run begins empty');
END;

CREATE TRIGGER series_run_guard BEFORE UPDATE ON series_run
WHEN NOT (
  NEW.last_number = NEW.first_number - 1 AND NEW.last_hash = zeroblob(32) AND NEW.last_on IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM document_seal s WHERE s.tenant_id = NEW.tenant_id AND s.run_id = NEW.id
  )  -- empty: it may still begin at another number
)
BEGIN
  SELECT RAISE(ABORT, 'series_head: the head of a series run is its last seal')
  WHERE NEW.first_number <> OLD.first_number OR NOT EXISTS (
    SELECT 1 FROM document_seal s
    JOIN document d ON d.tenant_id = s.tenant_id AND d.id = s.document_id
    WHERE s.tenant_id = NEW.tenant_id AND s.run_id = NEW.id
      AND s.number = NEW.last_number AND s.hash = NEW.last_hash AND d.issue_on = NEW.last_on
  ) OR EXISTS (
    SELECT 1 FROM document_seal s WHERE s.tenant_id = NEW.tenant_id AND s.run_id = NEW.id
      AND s.number = NEW.last_number + 1
  );
END;

CREATE TRIGGER party_snapshot_guard BEFORE UPDATE ON party_snapshot
WHEN NEW.content IS NOT NULL OR NEW.salt IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'append_only: a party as frozen can be erased, not changed');
END;

-- Balances

CREATE TRIGGER allocation_guard BEFORE INSERT ON allocation
BEGIN
  SELECT RAISE(ABORT, 'allocation_matches: a credit settles what the same payer owes in its currency')
  WHERE EXISTS (
    SELECT 1 FROM receivable r JOIN credit c ON c.tenant_id = r.tenant_id
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.receivable_id AND c.id = NEW.credit_id
      AND (r.payer_id <> c.payer_id OR r.currency <> c.currency)
  );
END;

-- Tenants

CREATE TRIGGER tenant_guard BEFORE UPDATE ON tenant
WHEN (NEW.id, NEW.slug, NEW.country, NEW.currency, NEW.is_sandbox)
    <> (OLD.id, OLD.slug, OLD.country, OLD.currency, OLD.is_sandbox)
  OR NEW.clock_offset_seconds < OLD.clock_offset_seconds
BEGIN
  SELECT RAISE(ABORT, 'tenant_fixed: slug, country, currency and sandbox stay, and time goes forward');
END;
