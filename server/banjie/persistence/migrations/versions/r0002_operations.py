"""Operations of the desk: proceedings, substitutes, bulk runs, comments, phrases, copies, audits of the clocks."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

#: `hold` is the proceeding that keeps the case's tasks from being completed while it is open. `subject` tells the
#: same applicant again: a keyed hash of the ID number or credit code.
INSTANCE = """
ALTER TABLE instance ADD COLUMN hold bigint;
ALTER TABLE instance ADD COLUMN subject bytea;
CREATE INDEX instance_open_subject ON instance (subject, service) WHERE status = 'running';
CREATE INDEX instance_open_applicant ON instance (applicant_id, service, id DESC) WHERE status = 'running';
CREATE INDEX instance_region ON instance (region, id DESC);
CREATE INDEX attachment_sha256 ON attachment (sha256);
CREATE INDEX answered_at ON answered (at);
"""

#: `opened_from` is the task whose completion opened this one; `owner_id` who delegated it and gets it back;
#: `held_for` the absent officer in whose place it is held, `closed_for` in whose place it was completed; `waits` the
#: proceeding (a return that waits for the sibling branches) that holds it; `urged_at` when it was last urged.
TASK = """
ALTER TABLE task ADD COLUMN opened_from bigint;
ALTER TABLE task ADD COLUMN owner_id bigint REFERENCES account;
ALTER TABLE task ADD COLUMN held_for bigint REFERENCES account;
ALTER TABLE task ADD COLUMN closed_for bigint REFERENCES account;
ALTER TABLE task ADD COLUMN waits bigint;
ALTER TABLE task ADD COLUMN urged_at timestamptz;
ALTER TABLE attachment ADD COLUMN task_id bigint REFERENCES task;
ALTER TABLE submission ADD COLUMN for_id bigint REFERENCES account;
ALTER TABLE submission ALTER COLUMN by_id DROP NOT NULL;
"""

#: One row for whatever is opened on a case and must be answered or closed: supplement, extension, excluded
#: procedure, suspension, return that waits, jump, card. What people wrote stands here; the record keeps its hash.
PROCEEDINGS = """
CREATE TABLE proceeding (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id   bigint NOT NULL REFERENCES instance,
    kind          text NOT NULL,
    status        text NOT NULL,
    task_id       bigint REFERENCES task,
    clock_id      bigint REFERENCES clock,
    element       text,
    agency        text,
    opened_by     bigint REFERENCES account,
    opened_at     timestamptz NOT NULL,
    due_at        timestamptz,
    ground        text,
    citation      text,
    reason        text NOT NULL,
    document      text,
    facts         text NOT NULL,
    closed_by     bigint REFERENCES account,
    closed_at     timestamptz,
    answer        text,
    answer_facts  text
);
CREATE INDEX proceeding_instance ON proceeding (instance_id, id);
CREATE INDEX proceeding_open ON proceeding (agency, kind, id) WHERE status = 'open';
CREATE INDEX proceeding_card ON proceeding (agency, opened_at) WHERE kind = 'card';
CREATE INDEX proceeding_ground ON proceeding (agency, opened_at) WHERE kind = 'excluded';
CREATE INDEX proceeding_extension ON proceeding (clock_id) WHERE kind = 'extension' AND status = 'open';
ALTER TABLE timer ADD COLUMN proceeding_id bigint REFERENCES proceeding;
CREATE UNIQUE INDEX timer_proceeding ON timer (proceeding_id) WHERE proceeding_id IS NOT NULL;
"""

DESK = """
CREATE TABLE substitution (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    absent_id     bigint NOT NULL REFERENCES account,
    substitute_id bigint NOT NULL REFERENCES account,
    from_at       timestamptz NOT NULL,
    until_at      timestamptz NOT NULL,
    services      text[] NOT NULL,
    agencies      text[] NOT NULL,
    reason        text NOT NULL,
    created_by    bigint NOT NULL REFERENCES account,
    created_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_by      bigint REFERENCES account
);
CREATE INDEX substitution_substitute ON substitution (substitute_id, until_at) WHERE ended_at IS NULL;
CREATE INDEX substitution_absent ON substitution (absent_id, until_at) WHERE ended_at IS NULL;
CREATE TABLE bulk (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES account,
    kind        text NOT NULL,
    submission  text NOT NULL,
    total       integer NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    cancelled_at timestamptz
);
CREATE INDEX bulk_account ON bulk (account_id, id DESC);
CREATE TABLE bulk_item (
    bulk_id  bigint NOT NULL REFERENCES bulk,
    position integer NOT NULL,
    task_id  bigint NOT NULL,
    version  integer,
    case_no  text NOT NULL,
    outcome  text,
    code     text,
    message  text,
    at       timestamptz,
    PRIMARY KEY (bulk_id, position)
);
CREATE INDEX bulk_item_open ON bulk_item (bulk_id, position) WHERE outcome IS NULL;
CREATE TABLE comment (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    task_id     bigint REFERENCES task,
    account_id  bigint NOT NULL REFERENCES account,
    agency      text NOT NULL,
    at          timestamptz NOT NULL,
    words       text NOT NULL,
    mentions    bigint[] NOT NULL,
    withdrawn_at timestamptz
);
CREATE INDEX comment_instance ON comment (instance_id, id);
ALTER TABLE attachment ADD COLUMN comment_id bigint REFERENCES comment;
ALTER TABLE attachment ADD COLUMN label text NOT NULL DEFAULT '';
ALTER TABLE attachment ADD COLUMN shared boolean NOT NULL DEFAULT false;
CREATE TABLE phrase (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES account,
    words       text NOT NULL,
    position    integer NOT NULL,
    uses        integer NOT NULL DEFAULT 0,
    UNIQUE (account_id, words)
);
CREATE TABLE copy (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    account_id  bigint NOT NULL REFERENCES account,
    by_id       bigint NOT NULL REFERENCES account,
    at          timestamptz NOT NULL,
    words       text NOT NULL,
    read_at     timestamptz,
    UNIQUE (instance_id, account_id)
);
CREATE INDEX copy_account ON copy (account_id, (read_at IS NOT NULL), id DESC);
"""

CLOCK_AUDIT = """
CREATE TABLE heartbeat (
    name text PRIMARY KEY,
    at   timestamptz NOT NULL
);
CREATE TABLE clock_audit (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    clocks    integer NOT NULL,
    wrong     integer NOT NULL,
    findings  text NOT NULL,
    lateness  text NOT NULL
);
CREATE INDEX clock_fired ON clock (missed_at) WHERE missed_at IS NOT NULL;
CREATE INDEX clock_warned ON clock (warned_at) WHERE warned_at IS NOT NULL;
"""


def upgrade() -> None:
    for statements in (INSTANCE, TASK, PROCEEDINGS, DESK, CLOCK_AUDIT):
        op.execute(statements)
