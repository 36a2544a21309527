/**
 * The migrations, in order. `PRAGMA user_version` holds how many the store has applied. Never change a released
 * migration, not even its SQL comments.
 */
export const migrations: readonly string[] = [
  `
  -- Every eNB that a bundle was made for, or that a certificate is known of.
  CREATE TABLE enb (
    hw_type TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    vendor TEXT NOT NULL,
    -- The highest sequence number that was given out or that a receipt told of; 0: none yet.
    last_sequence INTEGER NOT NULL DEFAULT 0,
    certificate BLOB,
    PRIMARY KEY (hw_type, serial_number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX enb_by_serial ON enb (serial_number);

  -- Receipts as they came.
  CREATE TABLE receipt (
    sha256 TEXT PRIMARY KEY,
    hw_type TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    receipt_number INTEGER NOT NULL,
    bundle_sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX receipt_by_enb ON receipt (hw_type, serial_number, receipt_number);

  -- Who is doing a piece of long work; at most one at a time.
  CREATE TABLE lease (
    work TEXT PRIMARY KEY,
    process INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    taken_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The audit log: canonical JSON (RFC 8785), one row an entry, counted from 0 without gaps.
  CREATE TABLE log (
    sequence INTEGER PRIMARY KEY,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER log_is_append_only_update BEFORE UPDATE ON log BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
  END;
  CREATE TRIGGER log_is_append_only_delete BEFORE DELETE ON log BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
  END;
  CREATE TRIGGER log_has_no_gaps BEFORE INSERT ON log
    WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence) + 1, 0) FROM log)
  BEGIN
    SELECT RAISE(ABORT, 'the log has no gaps');
  END;
  `,
  `
  -- What a person has chosen for this laptop.
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- Operator profiles, by the file that they are read from each time.
  CREATE TABLE operator (
    id TEXT PRIMARY KEY,
    profile_file TEXT NOT NULL UNIQUE,
    added_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Vendor roots that a person has introduced, the fingerprint compared.
  CREATE TABLE vendor_root (
    fingerprint TEXT PRIMARY KEY,
    certificate BLOB NOT NULL,
    -- Intermediates that came with an operator profile; trusted for nothing by themselves.
    intermediates TEXT NOT NULL DEFAULT '[]',
    trusted_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- A bundle that is to be delivered, and how far it has come.
  CREATE TABLE job (
    id TEXT PRIMARY KEY,
    site_id TEXT NOT NULL,
    site_name TEXT NOT NULL,
    hw_type TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    operator TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    bundle BLOB NOT NULL,
    bundle_sha256 TEXT NOT NULL UNIQUE,
    root_fingerprint TEXT NOT NULL REFERENCES vendor_root,
    state TEXT NOT NULL DEFAULT 'selected',
    address TEXT,
    verdict TEXT,
    fault TEXT,
    receipt_sha256 TEXT,
    updated_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- An inventory on its way to bundles.
  CREATE TABLE run (
    id TEXT PRIMARY KEY,
    operator_id TEXT NOT NULL,
    operator TEXT NOT NULL,
    inventory_file TEXT NOT NULL,
    out_folder TEXT,
    state TEXT NOT NULL,
    rows INTEGER NOT NULL DEFAULT 0,
    made INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    fault TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE run_row (
    run_id TEXT NOT NULL REFERENCES run,
    row INTEGER NOT NULL,
    line INTEGER NOT NULL,
    site_id TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    state TEXT NOT NULL,
    fault TEXT,
    PRIMARY KEY (run_id, row)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- How far each bundle has come on its way to its eNB: what is proven, whatever became of the connection.
  CREATE TABLE delivery (
    bundle_sha256 TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    way TEXT,
    verdict TEXT,
    fault TEXT,
    receipt_sha256 TEXT,
    updated_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- What is on a removable drive on its way to an eNB, until a receipt comes back.
  CREATE TABLE carried (
    bundle_sha256 TEXT PRIMARY KEY,
    hw_type TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    site_id TEXT NOT NULL,
    bundle_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    bundle BLOB NOT NULL,
    state TEXT NOT NULL,
    volume TEXT NOT NULL,
    drive TEXT NOT NULL,
    folder TEXT NOT NULL,
    challenge TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX carried_by_volume ON carried (volume);

  INSERT INTO delivery
    SELECT bundle_sha256, CASE WHEN state IN ('connected', 'identified') THEN 'selected' ELSE state END,
      address, verdict, fault, receipt_sha256, updated_at FROM job;
  ALTER TABLE job DROP COLUMN state;
  ALTER TABLE job DROP COLUMN address;
  ALTER TABLE job DROP COLUMN verdict;
  ALTER TABLE job DROP COLUMN fault;
  ALTER TABLE job DROP COLUMN receipt_sha256;
  ALTER TABLE job RENAME COLUMN updated_at TO added_at;
  CREATE VIEW job_list AS
    SELECT job.*, COALESCE(delivery.state, 'selected') AS state,
      COALESCE(delivery.updated_at, job.added_at) AS updated_at
    FROM job LEFT JOIN delivery USING (bundle_sha256);
  `,
  `
  -- When a person has withdrawn the trust in a root. It is kept for the jobs that came under it.
  ALTER TABLE vendor_root ADD COLUMN withdrawn_at TEXT;
  `,
  `
  -- The vendor's epoch in which last_sequence counts.
  ALTER TABLE enb ADD COLUMN last_epoch INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The vendor's epoch in which the job's sequence number counts; NULL in a job of an earlier version, until it is read.
  ALTER TABLE job ADD COLUMN epoch INTEGER;
  -- When the user has put the job away.
  ALTER TABLE job ADD COLUMN archived_at TEXT;
  -- Whatever a list of jobs filters and counts by, so that it does not read the bundles.
  CREATE INDEX job_listed ON job (hw_type, serial_number, root_fingerprint, epoch, sequence, bundle_sha256, archived_at,
    valid_until, added_at, site_id, site_name);
  CREATE INDEX delivery_listed ON delivery (bundle_sha256, state, updated_at);
  CREATE INDEX carried_listed ON carried (bundle_sha256, state, volume);

  -- What a good row says, for the user to look at before it is signed. Empty for a refused row.
  ALTER TABLE run_row ADD COLUMN site_name TEXT NOT NULL DEFAULT '';
  ALTER TABLE run_row ADD COLUMN vendor TEXT NOT NULL DEFAULT '';
  ALTER TABLE run_row ADD COLUMN outer_ip TEXT NOT NULL DEFAULT '';
  ALTER TABLE run_row ADD COLUMN vlan TEXT NOT NULL DEFAULT '';
  ALTER TABLE run_row ADD COLUMN valid_until TEXT NOT NULL DEFAULT '';
  -- The problem of a refused row in the words that the user reads, to search in. Empty in a run of an earlier version.
  ALTER TABLE run_row ADD COLUMN problem TEXT NOT NULL DEFAULT '';
  `,
  `
  -- What an eNB reported about its steps with a bundle, over a connection that proved its identity.
  CREATE TABLE step_report (
    bundle_sha256 TEXT PRIMARY KEY,
    steps TEXT NOT NULL,
    reported_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Whether the step that the eNB started last has failed, so that a list of jobs need not read the steps.
  ALTER TABLE step_report ADD COLUMN has_failed INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The checks of the path to the gateways of a bundle, as they were made last from the laptop and from the eNB.
  CREATE TABLE path_report (
    bundle_sha256 TEXT NOT NULL,
    place TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    checks TEXT NOT NULL,
    fault TEXT,
    PRIMARY KEY (bundle_sha256, place)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What to know about the good rows of a run, as JSON. NULL if there is nothing, and in a run of an earlier version.
  ALTER TABLE run ADD COLUMN warnings TEXT;
  `,
  `
  -- Whether the bundle requires a step that the eNB has not done, so that a list of jobs need not read bundle and steps.
  ALTER TABLE step_report ADD COLUMN has_steps_left INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The log of a version without proofs. The entries are taken into the new log when it is opened.
  DROP TRIGGER log_is_append_only_update;
  DROP TRIGGER log_is_append_only_delete;
  DROP TRIGGER log_has_no_gaps;
  ALTER TABLE log RENAME TO log_without_proof;

  -- The audit log: canonical JSON (RFC 8785), one row an entry. The sequence is the index of the leaf in the tree.
  CREATE TABLE log (
    sequence INTEGER PRIMARY KEY,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER log_is_append_only_update BEFORE UPDATE ON log BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
  END;
  CREATE TRIGGER log_is_append_only_delete BEFORE DELETE ON log BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
  END;

  -- The tree over all entries and its signed checkpoint. Changes in the transaction that appends.
  CREATE TABLE log_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    subtrees TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    key_since TEXT NOT NULL,
    last_time TEXT NOT NULL
  ) STRICT;

  -- Checkpoints that are kept: the last ones of each key, and those that left this computer.
  CREATE TABLE log_checkpoint (
    size INTEGER PRIMARY KEY,
    checkpoint TEXT NOT NULL,
    kind TEXT NOT NULL
  ) STRICT;

  -- The processes that write to the log and have not said that they stopped.
  CREATE TABLE log_process (
    id TEXT PRIMARY KEY,
    process INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    started_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The names of the people in the log, so that they can be erased without touching it.
  CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT UNIQUE,
    salt BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- As a witness: the newest head that this store has seen of each log of other computers.
  CREATE TABLE witnessed (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    -- The log's key at this head.
    key TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    seen_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The head of the audit log that went with the challenge. NULL for what an earlier version wrote.
  ALTER TABLE carried ADD COLUMN audit_head TEXT;
  `,
  `
  -- The journal of each output folder of prepare: the files that it was prepared from, as JSON.
  CREATE TABLE batch (
    id TEXT PRIMARY KEY,
    inventory TEXT NOT NULL,
    profile TEXT NOT NULL,
    corrections TEXT
  ) STRICT, WITHOUT ROWID;
  -- A bundle in such a folder, by the row of the inventory. Its numbers are written before the bundle is made, and its
  -- digest once the bundle is whole on disk.
  CREATE TABLE batch_bundle (
    batch_id TEXT NOT NULL,
    row INTEGER NOT NULL,
    hw_type TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    bundle_id TEXT NOT NULL,
    sha256 TEXT,
    PRIMARY KEY (batch_id, row)
  ) STRICT, WITHOUT ROWID;

  -- The whole text of the cell that the problem of a row is about, where it may be shown.
  ALTER TABLE run_row ADD COLUMN value TEXT;
  `,
  `
  -- The vendors' certificates of eNBs, several of one eNB if it has several vendors. The name that a profile gives a
  -- vendor means nothing here: two profiles may give one name to two vendors.
  CREATE TABLE enb_certificate (
    serial_number TEXT NOT NULL,
    hw_type TEXT NOT NULL,
    certificate BLOB NOT NULL,
    PRIMARY KEY (serial_number, hw_type, certificate)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO enb_certificate SELECT serial_number, hw_type, certificate FROM enb WHERE certificate IS NOT NULL;
  DROP INDEX enb_by_serial;
  ALTER TABLE enb DROP COLUMN certificate;
  ALTER TABLE enb DROP COLUMN vendor;
  `,
  `
  -- What a bundle of each eNB asks of it, as JSON, without the sealed values: of the newest that is whole on disk.
  CREATE TABLE issued (
    hw_type TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (hw_type, serial_number)
  ) STRICT, WITHOUT ROWID;

  -- What a bundle changes for its eNB, as JSON. NULL if nothing was compared, and for an eNB's first bundle.
  ALTER TABLE batch_bundle ADD COLUMN differences TEXT;
  ALTER TABLE run_row ADD COLUMN differences TEXT;

  -- Whether the run makes only the bundles that change something, and how many rows change nothing and something.
  ALTER TABLE run ADD COLUMN only_changed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE run ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE run ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
  -- Whether the run makes the credentials.
  ALTER TABLE run ADD COLUMN generate_credentials INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The operators that this computer works for: each is a root that somebody has compared, with its newest introduction.
  CREATE TABLE introduction (
    root_fingerprint TEXT PRIMARY KEY,
    root BLOB NOT NULL,
    version INTEGER NOT NULL,
    operator TEXT NOT NULL,
    plmn TEXT NOT NULL,
    require_fresh_crl INTEGER NOT NULL,
    document BLOB NOT NULL,
    office_since TEXT,
    taken_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The job packs that were opened here, and which bundles came with them.
  CREATE TABLE pack (
    id TEXT PRIMARY KEY,
    root_fingerprint TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    expires TEXT NOT NULL,
    opened_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE pack_bundle (
    bundle_sha256 TEXT NOT NULL,
    pack_id TEXT NOT NULL,
    PRIMARY KEY (bundle_sha256, pack_id)
  ) STRICT, WITHOUT ROWID;
  `,
];
