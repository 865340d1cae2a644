"""The tables of the guarantee loan: people, definitions, cases, clocks, events, outbox."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

PEOPLE = """
CREATE TABLE account (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username      text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    display_name  text NOT NULL,
    email         text,
    is_demo       boolean NOT NULL DEFAULT false,
    is_active     boolean NOT NULL DEFAULT true,
    failures      integer NOT NULL DEFAULT 0,
    locked_until  timestamptz,
    created_at    timestamptz NOT NULL
);
CREATE TABLE membership (
    account_id bigint NOT NULL REFERENCES account,
    role       text NOT NULL,
    agency     text NOT NULL DEFAULT '',
    region     text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, role, agency, region)
);
CREATE INDEX membership_role_agency ON membership (role, agency);
CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    kind       text NOT NULL,
    csrf       text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE TABLE attempt (
    bucket  text PRIMARY KEY,
    count   integer NOT NULL,
    since   timestamptz NOT NULL
);
"""

DEFINITIONS = """
CREATE TABLE resource (
    sha256  bytea PRIMARY KEY,
    content bytea NOT NULL
);
CREATE TABLE definition (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text NOT NULL,
    version     text NOT NULL UNIQUE,
    deployed_at timestamptz NOT NULL,
    deployed_by bigint REFERENCES account
);
CREATE INDEX definition_latest ON definition (key, deployed_at DESC, id DESC);
CREATE TABLE definition_resource (
    definition_id bigint NOT NULL REFERENCES definition,
    path          text NOT NULL,
    sha256        bytea NOT NULL REFERENCES resource,
    PRIMARY KEY (definition_id, path)
);
"""

CASES = """
CREATE SEQUENCE case_serial;
CREATE TABLE instance (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_no        text NOT NULL UNIQUE,
    service        text NOT NULL,
    process        text NOT NULL,
    definition     text NOT NULL REFERENCES definition (version),
    region         text NOT NULL,
    applicant_id   bigint NOT NULL REFERENCES account,
    applicant_name text NOT NULL,
    follow_digits  text NOT NULL,
    agencies       text NOT NULL,
    status         text NOT NULL,
    outcome        text,
    version        integer NOT NULL,
    started_at     timestamptz NOT NULL,
    accepted_at    timestamptz,
    ended_at       timestamptz,
    data           text NOT NULL,
    snapshot       bytea NOT NULL,
    events         integer NOT NULL,
    chain          bytea NOT NULL
);
ALTER TABLE instance ALTER COLUMN snapshot SET STORAGE EXTERNAL;
CREATE INDEX instance_applicant ON instance (applicant_id, id DESC);
CREATE TABLE task (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id  bigint NOT NULL REFERENCES instance,
    token        text NOT NULL,
    element      text NOT NULL,
    name         text NOT NULL,
    role         text NOT NULL,
    agency       text NOT NULL,
    assignee_id  bigint REFERENCES account,
    status       text NOT NULL,
    version      integer NOT NULL,
    opened_at    timestamptz NOT NULL,
    claimed_at   timestamptz,
    closed_at    timestamptz,
    closed_by    bigint REFERENCES account,
    due_at       timestamptz,
    warn_at      timestamptz,
    clock_id     bigint,
    item         text,
    draft        text,
    search       tsvector NOT NULL,
    UNIQUE (instance_id, token)
);
CREATE INDEX task_done ON task (closed_by, closed_at DESC, id DESC) WHERE status = 'completed';
CREATE INDEX task_agency_case ON task (agency, instance_id DESC);
CREATE INDEX task_agency_due ON task (agency, due_at) WHERE status = 'open';
CREATE INDEX task_search ON task USING gin (search) WHERE status = 'open';
CREATE TABLE inbox (
    principal text NOT NULL,
    due       timestamptz NOT NULL,
    task_id   bigint NOT NULL REFERENCES task,
    PRIMARY KEY (principal, due, task_id)
);
CREATE INDEX inbox_task ON inbox (task_id);
CREATE TABLE submission (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    task_id     bigint REFERENCES task,
    element     text NOT NULL,
    variable    text NOT NULL,
    form        text NOT NULL,
    by_id       bigint NOT NULL REFERENCES account,
    at          timestamptz NOT NULL,
    "values"    text NOT NULL
);
CREATE INDEX submission_instance ON submission (instance_id, id);
CREATE TABLE decision (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    element     text NOT NULL,
    key         text NOT NULL,
    at          timestamptz NOT NULL,
    green       boolean NOT NULL,
    receipt     text NOT NULL
);
CREATE INDEX decision_instance ON decision (instance_id, id);
CREATE TABLE attachment (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint REFERENCES instance,
    owner_id    bigint NOT NULL REFERENCES account,
    field       text NOT NULL,
    sha256      bytea NOT NULL,
    name        text NOT NULL,
    media_type  text NOT NULL,
    size        bigint NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX attachment_instance ON attachment (instance_id);
CREATE INDEX attachment_loose ON attachment (owner_id, id) WHERE instance_id IS NULL;
"""

CLOCKS = """
CREATE TABLE clock (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    kind        text NOT NULL,
    element     text,
    token       text,
    agency      text NOT NULL,
    parameter   text,
    citation    text,
    value       integer NOT NULL,
    unit        text NOT NULL,
    calendar    text NOT NULL,
    hours       text NOT NULL,
    started_at  timestamptz NOT NULL,
    stopped_at  timestamptz,
    due_at      timestamptz NOT NULL,
    warn_at     timestamptz NOT NULL,
    provisional boolean NOT NULL,
    warned_at   timestamptz,
    missed_at   timestamptz
);
CREATE INDEX clock_instance ON clock (instance_id);
CREATE INDEX clock_running ON clock (id) WHERE stopped_at IS NULL;
CREATE INDEX clock_missed ON clock (agency, due_at) WHERE stopped_at IS NULL;
CREATE TABLE interval (
    clock_id   bigint NOT NULL REFERENCES clock,
    start_at   timestamptz NOT NULL,
    end_at     timestamptz,
    kind       text NOT NULL,
    party      text NOT NULL,
    ground     text,
    citation   text,
    document   text,
    opened_by  text,
    closed_by  text,
    extra_days integer NOT NULL DEFAULT 0,
    PRIMARY KEY (clock_id, start_at)
);
CREATE TABLE timer (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    clock_id    bigint REFERENCES clock,
    element     text,
    token       text,
    kind        text NOT NULL,
    fire_at     timestamptz NOT NULL,
    job_id      bigint NOT NULL
);
CREATE INDEX timer_due ON timer (fire_at);
CREATE INDEX timer_instance ON timer (instance_id);
CREATE UNIQUE INDEX timer_clock ON timer (clock_id) WHERE clock_id IS NOT NULL;
"""

RECORD = """
CREATE TABLE event (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream      text NOT NULL,
    seq         integer NOT NULL,
    type        text NOT NULL,
    at          timestamptz NOT NULL,
    actor_id    bigint REFERENCES account,
    agency      text,
    instance_id bigint REFERENCES instance,
    task_id     bigint,
    element     text,
    facts       text NOT NULL,
    hash        bytea NOT NULL,
    UNIQUE (stream, seq)
);
CREATE INDEX event_instance ON event (instance_id, id) WHERE instance_id IS NOT NULL;
CREATE TABLE stream (
    key   text PRIMARY KEY,
    seq   integer NOT NULL,
    chain bytea NOT NULL
);
CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint REFERENCES instance,
    recipient   text NOT NULL,
    template    text NOT NULL,
    facts       text NOT NULL,
    created_at  timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 0,
    retry_at    timestamptz NOT NULL DEFAULT '-infinity',
    sent_at     timestamptz
);
CREATE INDEX outbox_unsent ON outbox (retry_at, id) WHERE sent_at IS NULL;
CREATE INDEX outbox_instance ON outbox (instance_id) WHERE sent_at IS NULL;
CREATE TABLE notice (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outbox_id  bigint NOT NULL REFERENCES outbox,
    account_id bigint NOT NULL REFERENCES account,
    template   text NOT NULL,
    facts      text NOT NULL,
    at         timestamptz NOT NULL,
    read_at    timestamptz,
    UNIQUE (outbox_id, account_id)
);
CREATE INDEX notice_account ON notice (account_id, id DESC);
CREATE INDEX notice_unread ON notice (account_id) WHERE read_at IS NULL;
CREATE TABLE answered (
    account_id bigint NOT NULL REFERENCES account,
    key        text NOT NULL,
    request    bytea NOT NULL,
    answer     text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE incident (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job         text NOT NULL,
    subject     text NOT NULL,
    instance_id bigint REFERENCES instance,
    message     text NOT NULL,
    at          timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by bigint REFERENCES account,
    UNIQUE (job, subject)
);
"""


def upgrade() -> None:
    for statements in (PEOPLE, DEFINITIONS, CASES, CLOCKS, RECORD):
        op.execute(statements)
