"""Registers, limits across cases, publicity, rosters, payments, entitlements (ADR 0012, 0013)."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

#: A file being read into a register or a roster. It enters whole or not at all; `load_problem` names what is wrong
#: with its rows. `status`: waiting, reading, done, refused (bad rows), failed.
LOADS = """
CREATE TABLE load (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    region     text NOT NULL,
    source     text NOT NULL,
    as_of      date NOT NULL,
    name       text NOT NULL,
    sha256     text NOT NULL,
    size       bigint NOT NULL,
    skip_bad   boolean NOT NULL DEFAULT false,
    status     text NOT NULL,
    lines      bigint NOT NULL DEFAULT 0,
    good       bigint NOT NULL DEFAULT 0,
    bad        bigint NOT NULL DEFAULT 0,
    done_bytes bigint NOT NULL DEFAULT 0,
    message    text,
    started_by bigint REFERENCES account,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX load_newest ON load (region, id DESC);
CREATE TABLE load_problem (
    load_id bigint NOT NULL REFERENCES load,
    line    bigint NOT NULL,
    field   text NOT NULL,
    code    text NOT NULL,
    facts   text NOT NULL,
    PRIMARY KEY (load_id, line, field)
);
"""

#: What departments know, one row a subject and source, so that a conflict between two can be shown. `facts` is a
#: JSON object of fact key → value; `as_of` the day on which the source says it held.
REGISTERS = """
CREATE TABLE reg_person (
    id_number text NOT NULL,
    source    text NOT NULL,
    name      text NOT NULL,
    region    text NOT NULL,
    facts     jsonb NOT NULL,
    as_of     date NOT NULL,
    load_id   bigint REFERENCES load,
    PRIMARY KEY (id_number, source)
);
CREATE INDEX reg_person_region ON reg_person (region, id_number);
CREATE TABLE reg_enterprise (
    uscc    text NOT NULL,
    source  text NOT NULL,
    name    text NOT NULL,
    region  text NOT NULL,
    facts   jsonb NOT NULL,
    as_of   date NOT NULL,
    load_id bigint REFERENCES load,
    PRIMARY KEY (uscc, source)
);
CREATE INDEX reg_enterprise_region ON reg_enterprise (region, uscc);
CREATE TABLE reg_bank (
    code    text PRIMARY KEY,
    name    text NOT NULL,
    as_of   date NOT NULL,
    load_id bigint REFERENCES load
);
CREATE TABLE reg_account (
    subject      text NOT NULL,
    kind         text NOT NULL,
    source       text NOT NULL,
    account_name text NOT NULL,
    account_no   text NOT NULL,
    bank_name    text NOT NULL,
    as_of        date NOT NULL,
    load_id      bigint REFERENCES load,
    PRIMARY KEY (subject, kind, source)
);
CREATE TABLE reg_insured_month (
    id_number text NOT NULL,
    month     date NOT NULL,
    uscc      text NOT NULL,
    source    text NOT NULL,
    paid      numeric(14, 2) NOT NULL,
    as_of     date NOT NULL,
    load_id   bigint REFERENCES load,
    PRIMARY KEY (id_number, month, uscc, source)
);
CREATE INDEX reg_insured_month_employer ON reg_insured_month (uscc, month);
CREATE TABLE reg_certificate (
    certificate_no text NOT NULL,
    source         text NOT NULL,
    id_number      text NOT NULL,
    occupation     text NOT NULL,
    level          text NOT NULL,
    issued_on      date NOT NULL,
    as_of          date NOT NULL,
    load_id        bigint REFERENCES load,
    PRIMARY KEY (certificate_no, source)
);
CREATE INDEX reg_certificate_person ON reg_certificate (id_number);
CREATE TABLE reg_refusal (
    subject bytea NOT NULL,
    service text NOT NULL,
    year    integer NOT NULL,
    reason  text NOT NULL,
    by_id   bigint REFERENCES account,
    at      timestamptz NOT NULL,
    PRIMARY KEY (subject, service, year)
);
CREATE TABLE comparison (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    element     text NOT NULL,
    by_id       bigint REFERENCES account,
    at          timestamptz NOT NULL,
    results     text NOT NULL
);
CREATE INDEX comparison_instance ON comparison (instance_id, id);
"""

#: A list of enterprises that are paid without asking: one roster a batch case. `receipt` is what all rows share:
#: table, version, day, parameters with their citations.
ROSTERS = """
CREATE TABLE roster (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service     text NOT NULL,
    region      text NOT NULL,
    year        integer NOT NULL,
    title       text NOT NULL,
    on_day      date NOT NULL,
    status      text NOT NULL,
    load_id     bigint REFERENCES load,
    instance_id bigint REFERENCES instance,
    lines       bigint NOT NULL DEFAULT 0,
    eligible    bigint NOT NULL DEFAULT 0,
    total       numeric(16, 2) NOT NULL DEFAULT 0,
    done        bigint NOT NULL DEFAULT 0,
    receipt     text,
    made_by     bigint NOT NULL REFERENCES account,
    made_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX roster_instance ON roster (instance_id);
CREATE TABLE roster_row (
    roster_id    bigint NOT NULL REFERENCES roster,
    line         bigint NOT NULL,
    uscc         text NOT NULL,
    subject      bytea NOT NULL,
    name         text NOT NULL,
    inputs       text NOT NULL,
    account_kind text,
    account_name text,
    account_no   text,
    bank_name    text,
    eligible     boolean,
    amount       numeric(14, 2),
    reason_code  text,
    rules        integer[],
    state        text NOT NULL,
    PRIMARY KEY (roster_id, line),
    UNIQUE (roster_id, uscc)
);
CREATE INDEX roster_row_state ON roster_row (roster_id, state, line);
CREATE INDEX roster_row_subject ON roster_row (subject);
"""

#: Money that was granted. A row of `award_slot` is taken by one award at a time: the primary key is what keeps two
#: officers from granting the same twice. `award_span` does the same for spans of days, `award_sum` for sums.
AWARDS = """
CREATE TABLE award (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service     text NOT NULL,
    subject     bytea NOT NULL,
    payee       text NOT NULL,
    region      text NOT NULL,
    fund        text NOT NULL,
    year        integer NOT NULL,
    amount      numeric(14, 2) NOT NULL CHECK (amount > 0),
    status      text NOT NULL CHECK (status IN ('granted', 'paid', 'released')),
    instance_id bigint NOT NULL REFERENCES instance,
    roster_id   bigint REFERENCES roster,
    line        bigint,
    granted_by  bigint REFERENCES account,
    granted_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    facts       text NOT NULL
);
CREATE UNIQUE INDEX award_of_case ON award (instance_id) WHERE roster_id IS NULL AND status <> 'released';
CREATE UNIQUE INDEX award_of_row ON award (roster_id, line) WHERE status <> 'released';
CREATE INDEX award_instance ON award (instance_id);
CREATE INDEX award_subject ON award (subject, service);
CREATE TABLE award_slot (
    slot     bytea PRIMARY KEY,
    award_id bigint NOT NULL REFERENCES award
);
CREATE INDEX award_slot_award ON award_slot (award_id);
CREATE TABLE award_span (
    award_id bigint NOT NULL REFERENCES award,
    slot     bigint NOT NULL,
    during   daterange NOT NULL,
    EXCLUDE USING gist (int8range(slot, slot, '[]') WITH &&, during WITH &&)
);
CREATE INDEX award_span_award ON award_span (award_id);
CREATE INDEX award_span_slot ON award_span (slot);
CREATE TABLE award_sum (
    key  bytea PRIMARY KEY,
    used numeric(14, 2) NOT NULL CHECK (used >= 0),
    most numeric(14, 2) NOT NULL,
    CHECK (used <= most)
);
CREATE TABLE award_part (
    award_id bigint NOT NULL REFERENCES award,
    key      bytea NOT NULL REFERENCES award_sum,
    amount   numeric(14, 2) NOT NULL,
    PRIMARY KEY (award_id, key)
);
CREATE INDEX award_part_key ON award_part (key);
"""

PUBLICITY = """
CREATE TABLE publicity (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no           text NOT NULL UNIQUE,
    instance_id  bigint NOT NULL REFERENCES instance,
    roster_id    bigint REFERENCES roster,
    service      text NOT NULL,
    region       text NOT NULL,
    agency       text NOT NULL,
    title        text NOT NULL,
    remark       text NOT NULL DEFAULT '',
    starts_on    date NOT NULL,
    ends_on      date NOT NULL,
    closes_at    timestamptz NOT NULL,
    parameter    text NOT NULL,
    entries      bigint NOT NULL,
    total        numeric(16, 2) NOT NULL,
    status       text NOT NULL,
    published_by bigint NOT NULL REFERENCES account,
    published_at timestamptz NOT NULL,
    closed_at    timestamptz
);
CREATE INDEX publicity_newest ON publicity (region, id DESC);
CREATE INDEX publicity_instance ON publicity (instance_id);
CREATE TABLE publicity_entry (
    publicity_id bigint NOT NULL REFERENCES publicity,
    line         bigint NOT NULL,
    name         text NOT NULL,
    detail       text NOT NULL,
    amount       numeric(14, 2),
    PRIMARY KEY (publicity_id, line)
);
CREATE TABLE objection (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    publicity_id bigint NOT NULL REFERENCES publicity,
    instance_id  bigint NOT NULL REFERENCES instance,
    line         bigint,
    name         text NOT NULL,
    contact      text NOT NULL,
    reason       text NOT NULL,
    at           timestamptz NOT NULL,
    status       text NOT NULL,
    answer       text,
    handled_by   bigint REFERENCES account,
    handled_at   timestamptz
);
CREATE INDEX objection_open ON objection (instance_id, id) WHERE status = 'open';
CREATE INDEX objection_publicity ON objection (publicity_id, id);
CREATE INDEX publicity_agency ON publicity (agency, id DESC);
CREATE SEQUENCE publicity_no;
"""

#: A budget bounds what is committed and paid from a fund in a region and year; the CHECK holds it. A payment is an
#: order to pay one award; at most one of an award's is alive. `token` is the activation of the step that waits for it.
PAYMENTS = """
CREATE TABLE budget (
    fund      text NOT NULL,
    region    text NOT NULL,
    year      integer NOT NULL,
    amount    numeric(16, 2) NOT NULL CHECK (amount >= 0),
    committed numeric(16, 2) NOT NULL DEFAULT 0 CHECK (committed >= 0),
    paid      numeric(16, 2) NOT NULL DEFAULT 0 CHECK (paid >= 0),
    PRIMARY KEY (fund, region, year),
    CHECK (committed + paid <= amount)
);
CREATE TABLE budget_change (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fund   text NOT NULL,
    region text NOT NULL,
    year   integer NOT NULL,
    before numeric(16, 2) NOT NULL,
    amount numeric(16, 2) NOT NULL,
    reason text NOT NULL,
    by_id  bigint NOT NULL REFERENCES account,
    at     timestamptz NOT NULL,
    FOREIGN KEY (fund, region, year) REFERENCES budget
);
CREATE INDEX budget_change_newest ON budget_change (fund, region, year, id DESC);
CREATE TABLE payment_batch (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no          text NOT NULL UNIQUE,
    fund        text NOT NULL,
    region      text NOT NULL,
    year        integer NOT NULL,
    agency      text NOT NULL,
    status      text NOT NULL,
    count       bigint NOT NULL,
    total       numeric(16, 2) NOT NULL,
    made_by     bigint NOT NULL REFERENCES account,
    made_at     timestamptz NOT NULL,
    checked_by  bigint REFERENCES account CHECK (checked_by <> made_by),
    checked_at  timestamptz,
    exported_by bigint REFERENCES account,
    exported_at timestamptz,
    file_format text,
    file_sha256 text,
    reason      text,
    ended_at    timestamptz
);
CREATE INDEX payment_batch_newest ON payment_batch (agency, id DESC);
CREATE TABLE payment (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    award_id     bigint NOT NULL REFERENCES award,
    instance_id  bigint NOT NULL REFERENCES instance,
    roster_id    bigint REFERENCES roster,
    token        text NOT NULL,
    agency       text NOT NULL,
    fund         text NOT NULL,
    region       text NOT NULL,
    year         integer NOT NULL,
    attempt      integer NOT NULL,
    amount       numeric(14, 2) NOT NULL CHECK (amount > 0),
    payee        text NOT NULL,
    account_no   text NOT NULL,
    bank_name    text NOT NULL,
    status       text NOT NULL CHECK (status IN ('due', 'batched', 'sent', 'paid', 'refused', 'cancelled')),
    batch_id     bigint REFERENCES payment_batch,
    made_at      timestamptz NOT NULL,
    paid_on      date,
    reference    text,
    refusal_code text,
    refusal_words text,
    ended_at     timestamptz
);
CREATE UNIQUE INDEX payment_alive ON payment (award_id) WHERE status NOT IN ('refused', 'cancelled');
CREATE INDEX payment_due ON payment (agency, fund, region, year, id) WHERE status = 'due';
CREATE INDEX payment_batched ON payment (batch_id, id);
CREATE INDEX payment_instance ON payment (instance_id);
CREATE TABLE payment_return (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id   bigint NOT NULL REFERENCES payment_batch,
    sha256     text NOT NULL,
    name       text NOT NULL,
    paid       bigint NOT NULL,
    paid_total numeric(16, 2) NOT NULL,
    refused    bigint NOT NULL,
    by_id      bigint REFERENCES account,
    at         timestamptz NOT NULL,
    UNIQUE (batch_id, sha256)
);
"""

#: Who may have what they have not asked for. A run matches a service in a region against the registers; `reached` is
#: the number up to which it has come. An entitlement belongs to the newest run that found it; `prefill` is the
#: application as far as the registers know it. `account_subject`: whom an account was proved to be.
ENTITLEMENTS = """
CREATE TABLE account_subject (
    account_id  bigint NOT NULL REFERENCES account,
    subject     bytea NOT NULL,
    kind        text NOT NULL,
    number      text NOT NULL,
    name        text NOT NULL,
    verified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, subject)
);
CREATE INDEX account_subject_subject ON account_subject (subject);
CREATE TABLE entitlement_run (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service    text NOT NULL,
    region     text NOT NULL,
    on_day     date NOT NULL,
    status     text NOT NULL,
    total      bigint NOT NULL,
    done       bigint NOT NULL DEFAULT 0,
    found      bigint NOT NULL DEFAULT 0,
    stale      bigint NOT NULL DEFAULT 0,
    reached    text NOT NULL DEFAULT '',
    started_by bigint REFERENCES account,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE UNIQUE INDEX entitlement_run_alive ON entitlement_run (service, region) WHERE ended_at IS NULL;
CREATE INDEX entitlement_run_newest ON entitlement_run (region, id DESC);
CREATE TABLE entitlement (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service     text NOT NULL,
    subject     bytea NOT NULL,
    number      text NOT NULL,
    name        text NOT NULL,
    region      text NOT NULL,
    period      text NOT NULL,
    found_on    date NOT NULL,
    run_id      bigint NOT NULL REFERENCES entitlement_run,
    amount      numeric(14, 2),
    receipt     text NOT NULL,
    prefill     text NOT NULL,
    status      text NOT NULL,
    invited_by  bigint REFERENCES account,
    invited_at  timestamptz,
    answered_by bigint REFERENCES account,
    answered_at timestamptz,
    instance_id bigint REFERENCES instance,
    UNIQUE (service, subject, period)
);
CREATE INDEX entitlement_list ON entitlement (region, service, status, id);
CREATE INDEX entitlement_subject ON entitlement (subject, status);
CREATE INDEX entitlement_run_rows ON entitlement (run_id);
"""

#: What a helper does for a zero-employment family, in the helper's words; shown on the case.
HELP = """
CREATE TABLE help_entry (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance_id bigint NOT NULL REFERENCES instance,
    kind        text NOT NULL,
    on_day      date NOT NULL,
    words       text NOT NULL,
    by_id       bigint NOT NULL REFERENCES account,
    at          timestamptz NOT NULL
);
CREATE INDEX help_entry_instance ON help_entry (instance_id, id);
"""


def upgrade() -> None:
    for statements in (LOADS, REGISTERS, ROSTERS, AWARDS, PUBLICITY, PAYMENTS, ENTITLEMENTS, HELP):
        op.execute(statements)
