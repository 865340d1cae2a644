"""The statements of `cases`: each takes whole lists as JSON, so that their number does not grow with a step."""

_INSTANCE = """
    i.id, i.case_no, i.service, i.process, i.definition, i.region, i.applicant_id, i.applicant_name,
    i.follow_digits, i.agencies, i.status, i.outcome, i.version, i.started_at, i.accepted_at, i.ended_at,
    i.data, i.snapshot, i.events, i.chain, i.hold, i.subject"""

LOCK_BY_TASK = f"""
SELECT {_INSTANCE} FROM instance i
WHERE i.id = (SELECT instance_id FROM task WHERE id = %s) FOR NO KEY UPDATE OF i"""

LOCK_BY_PROCEEDING = f"""
SELECT {_INSTANCE} FROM instance i
WHERE i.id = (SELECT instance_id FROM proceeding WHERE id = %s) FOR NO KEY UPDATE OF i"""

LOCK_BY_NUMBER = f"SELECT {_INSTANCE} FROM instance i WHERE i.case_no = %s FOR NO KEY UPDATE OF i"
LOCK_BY_ID = f"SELECT {_INSTANCE} FROM instance i WHERE i.id = %s FOR NO KEY UPDATE OF i"
FIND_ALL = f"SELECT {_INSTANCE} FROM instance i WHERE i.id = ANY(%s)"
FIND_BY_ID = f"SELECT {_INSTANCE} FROM instance i WHERE i.id = %s"
FIND_BY_NUMBER = f"SELECT {_INSTANCE} FROM instance i WHERE i.case_no = %s"

TASK = """
SELECT t.id, t.instance_id, t.token, t.element, t.name, t.role, t.agency, t.assignee_id,
       holder.display_name, t.status, t.version, t.opened_at, t.closed_at, t.closed_by,
       closer.display_name, t.due_at, t.warn_at, t.clock_id, t.opened_from, t.owner_id, t.waits, t.urged_at, t.item,
       t.held_for, (SELECT w.id FROM task w WHERE w.instance_id = t.instance_id AND w.status = 'open'
                    AND w.waits IS NOT NULL LIMIT 1)
FROM task t
LEFT JOIN account holder ON holder.id = t.assignee_id
LEFT JOIN account closer ON closer.id = t.closed_by
"""

RUNNING_CLOCKS = """
SELECT c.id, c.kind, c.element, c.token, c.agency, c.parameter, c.citation, c.value, c.unit, c.calendar,
       c.hours, c.started_at, c.stopped_at, c.due_at, c.warn_at, c.provisional,
       c.warned_at IS NOT NULL, c.missed_at IS NOT NULL, c.instance_id,
       v.start_at, v.end_at, v.kind, v.party, v.ground, v.citation, v.document, v.opened_by, v.closed_by,
       v.extra_days
FROM clock c LEFT JOIN interval v ON v.clock_id = c.id
"""

CLOSE = """
WITH closing AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS r(token text, status text, closed_by bigint, closed_for bigint)
), closed AS (
    UPDATE task t SET status = r.status, version = t.version + 1, closed_at = %s, closed_by = r.closed_by,
                      closed_for = r.closed_for, waits = NULL,
                      assignee_id = COALESCE(t.assignee_id, r.closed_by), draft = NULL
    FROM closing r WHERE t.instance_id = %s AND t.token = r.token AND t.status = 'open'
    RETURNING t.id, t.instance_id, t.closed_at
), taken AS (
    DELETE FROM inbox USING closed WHERE inbox.task_id = closed.id
), unasked AS (
    UPDATE proceeding p SET status = 'lapsed', closed_at = closed.closed_at FROM closed
    WHERE p.instance_id = closed.instance_id AND p.task_id = closed.id AND p.status = 'open'
      AND p.kind IN ('delegation', 'return') AND p.id <> ALL(%s)
), stopped AS (
    UPDATE clock c SET stopped_at = r.stopped_at,
        missed_at = COALESCE(c.missed_at, CASE WHEN r.missed THEN r.stopped_at END)
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, stopped_at timestamptz, missed boolean) WHERE c.id = r.id
    RETURNING c.id, c.stopped_at
), lapsed AS (
    UPDATE proceeding p SET status = 'lapsed', closed_at = stopped.stopped_at
    FROM stopped WHERE p.clock_id = stopped.id AND p.kind = 'extension' AND p.status = 'open'
), dropped AS (
    DELETE FROM interval v USING jsonb_to_recordset(%s::jsonb) AS r(id bigint, start_at timestamptz)
    WHERE v.clock_id = r.id AND v.start_at = r.start_at
), unarmed AS (
    DELETE FROM timer WHERE instance_id = %s AND (clock_id = ANY(%s) OR (%s AND kind = 'event')) RETURNING job_id
)
SELECT job_id FROM unarmed"""

OPEN = """
WITH new_clock AS (
    INSERT INTO clock (instance_id, kind, element, token, agency, parameter, citation, value, unit,
                       calendar, hours, started_at, due_at, warn_at, provisional)
    SELECT %s, r.kind, r.element, r.token, r.agency, r.parameter, r.citation, r.value, r.unit, r.calendar,
           r.hours, r.started_at, r.due_at, r.warn_at, r.provisional
    FROM jsonb_to_recordset(%s::jsonb) AS r(kind text, element text, token text, agency text,
         parameter text, citation text, value integer, unit text, calendar text, hours text,
         started_at timestamptz, due_at timestamptz, warn_at timestamptz, provisional boolean)
    RETURNING id, kind, token
), ledger AS (
    INSERT INTO interval (clock_id, start_at, end_at, kind, party, ground, citation, document, opened_by,
                          closed_by, extra_days)
    SELECT COALESCE(r.id, n.id), r.start_at, r.end_at, r.kind, r.party, r.ground, r.citation, r.document,
           r.opened_by, r.closed_by, r.extra_days
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, clock_kind text, token text, start_at timestamptz,
         end_at timestamptz, kind text, party text, ground text, citation text, document text,
         opened_by text, closed_by text, extra_days integer)
    LEFT JOIN new_clock n ON n.kind = r.clock_kind AND n.token IS NOT DISTINCT FROM r.token
    ON CONFLICT (clock_id, start_at) DO UPDATE SET
        end_at = excluded.end_at, kind = excluded.kind, party = excluded.party, ground = excluded.ground,
        citation = excluded.citation, document = excluded.document, opened_by = excluded.opened_by,
        closed_by = excluded.closed_by, extra_days = excluded.extra_days
), new_task AS (
    INSERT INTO task (instance_id, token, element, name, role, agency, assignee_id, status, version,
                      opened_at, due_at, warn_at, clock_id, item, opened_from, draft, search)
    SELECT %s, r.token, r.element, r.name, r.role, r.agency, r.assignee_id, 'open', 1, %s, r.due_at,
           r.warn_at, COALESCE(r.clock_id, n.id), r.item, r.opened_from, r.draft,
           array_to_tsvector(string_to_array(r.search, ' '))
    FROM jsonb_to_recordset(%s::jsonb) AS r(token text, element text, name text, role text, agency text,
         assignee_id bigint, due_at timestamptz, warn_at timestamptz, clock_id bigint, clock_token text,
         item text, opened_from bigint, draft text, search text)
    LEFT JOIN new_clock n ON n.kind = 'step' AND n.token = r.clock_token
    RETURNING id, token, due_at
), offered AS (
    INSERT INTO inbox (principal, due, task_id)
    SELECT r.principal, COALESCE(t.due_at, 'infinity'), t.id
    FROM new_task t JOIN jsonb_to_recordset(%s::jsonb) AS r(token text, principal text) USING (token)
), submitted AS (
    INSERT INTO submission (instance_id, task_id, element, variable, form, by_id, for_id, at, "values")
    SELECT %s, r.task_id, r.element, r.variable, r.form, r.by_id, r.for_id, %s, r."values"
    FROM jsonb_to_recordset(%s::jsonb) AS r(task_id bigint, element text, variable text, form text,
         by_id bigint, for_id bigint, "values" text)
), decided AS (
    INSERT INTO decision (instance_id, element, key, at, green, receipt)
    SELECT %s, r.element, r.key, %s, r.green, r.receipt
    FROM jsonb_to_recordset(%s::jsonb) AS r(element text, key text, green boolean, receipt text)
)
SELECT 'task', id, token FROM new_task UNION ALL SELECT kind, id, token FROM new_clock"""

FINISH = """
WITH recorded AS (
    INSERT INTO event (stream, seq, type, at, actor_id, agency, instance_id, task_id, element, facts, hash)
    SELECT %s, r.seq, r.type, %s, %s, r.agency, %s, r.task_id, r.element, r.facts, decode(r.hash, 'hex')
    FROM jsonb_to_recordset(%s::jsonb) AS r(seq integer, type text, agency text, task_id bigint,
         element text, facts text, hash text)
), armed AS (
    INSERT INTO timer (instance_id, clock_id, proceeding_id, element, token, kind, fire_at, job_id)
    SELECT %s, r.clock_id, r.proceeding_id, r.element, r.token, r.kind, r.fire_at, r.job_id
    FROM jsonb_to_recordset(%s::jsonb) AS r(clock_id bigint, proceeding_id bigint, element text, token text, kind text,
         fire_at timestamptz, job_id bigint)
), told AS (
    INSERT INTO outbox (instance_id, recipient, template, facts, created_at)
    SELECT %s, r.recipient, r.template, r.facts, %s
    FROM jsonb_to_recordset(%s::jsonb) AS r(recipient text, template text, facts text)
), answer AS (
    INSERT INTO answered (account_id, key, request, answer, at)
    SELECT %s, %s, %s, %s, %s WHERE %s ON CONFLICT DO NOTHING
)
UPDATE instance SET status = %s, outcome = %s, accepted_at = %s, ended_at = %s, data = %s, snapshot = %s,
    version = version + 1, events = %s, chain = %s, hold = %s
WHERE id = %s"""

NEW = """
INSERT INTO instance (case_no, service, process, definition, region, applicant_id, applicant_name,
    follow_digits, agencies, status, version, started_at, data, snapshot, events, chain, subject)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s, 0, %s, %s) RETURNING id"""

MOVE = """
WITH moved AS (
    UPDATE clock c SET due_at = r.due_at, warn_at = r.warn_at, provisional = r.provisional, calendar = r.calendar,
        hours = r.hours,
        warned_at = CASE WHEN r.warn_at <= %s THEN c.warned_at END,
        missed_at = CASE WHEN r.due_at <= %s THEN c.missed_at END
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, due_at timestamptz, warn_at timestamptz,
         provisional boolean, calendar text, hours text, held boolean)
    WHERE c.id = r.id RETURNING c.id, c.due_at, c.warn_at, r.held
), tasks AS (
    UPDATE task t SET due_at = CASE WHEN m.held THEN NULL ELSE m.due_at END,
        warn_at = CASE WHEN m.held THEN NULL ELSE m.warn_at END
    FROM moved m WHERE t.instance_id = %s AND t.clock_id = m.id AND t.status = 'open' RETURNING t.id, t.due_at
), boxes AS (
    UPDATE inbox b SET due = COALESCE(t.due_at, 'infinity') FROM tasks t WHERE b.task_id = t.id
)
DELETE FROM timer USING moved WHERE timer.clock_id = moved.id RETURNING timer.job_id"""

GIVE = """
WITH given AS (
    UPDATE task t SET assignee_id = r.assignee_id, owner_id = r.owner_id, waits = r.waits, version = t.version + 1,
        held_for = r.held_for,
        claimed_at = CASE WHEN r.assignee_id IS NULL THEN NULL ELSE %s END
    FROM jsonb_to_recordset(%s::jsonb) AS r(task_id bigint, assignee_id bigint, owner_id bigint, waits bigint,
         held_for bigint, principal text)
    WHERE t.id = r.task_id AND t.status = 'open' RETURNING t.id, t.due_at, r.principal
), away AS (
    DELETE FROM inbox USING given WHERE inbox.task_id = given.id AND inbox.principal <> given.principal
)
INSERT INTO inbox (principal, due, task_id) SELECT principal, COALESCE(due_at, 'infinity'), id FROM given
ON CONFLICT DO NOTHING"""

_PROCEEDING_ROW = """kind text, status text, task_id bigint, clock_id bigint, element text, agency text,
    due_at timestamptz, ground text, citation text, reason text, document text, facts text, closed boolean"""

OPEN_PROCEEDINGS = f"""
INSERT INTO proceeding (instance_id, kind, status, task_id, clock_id, element, agency, opened_by, opened_at, due_at,
                        ground, citation, reason, document, facts, closed_by, closed_at)
SELECT %s, r.kind, r.status, r.task_id, r.clock_id, r.element, r.agency, %s, %s, r.due_at, r.ground, r.citation,
       r.reason, r.document, r.facts, CASE WHEN r.closed THEN %s::bigint END,
       CASE WHEN r.closed THEN %s::timestamptz END
FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({_PROCEEDING_ROW})) WITH ORDINALITY AS r
ORDER BY r.ordinality RETURNING id"""

CLOSE_PROCEEDINGS = """
WITH closed AS (
    UPDATE proceeding p SET status = r.status, closed_by = %s, closed_at = %s, answer = r.answer,
                            answer_facts = r.facts
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, status text, answer text, facts text)
    WHERE p.id = r.id AND p.status = 'open' RETURNING p.id
)
DELETE FROM timer USING closed WHERE timer.proceeding_id = closed.id RETURNING timer.job_id"""

#: A case that ends takes what is still open with it; a card must be answered all the same.
END_PROCEEDINGS = """
WITH lapsed AS (
    UPDATE proceeding SET status = 'lapsed', closed_at = %s
    WHERE instance_id = %s AND status = 'open' AND kind <> 'card' RETURNING id
)
DELETE FROM timer USING lapsed WHERE timer.proceeding_id = lapsed.id RETURNING timer.job_id"""

PROCEEDING = """
SELECT p.id, p.instance_id, p.kind, p.status, p.task_id, p.clock_id, p.element, p.agency, p.opened_by,
       opener.display_name, p.opened_at, p.due_at, p.ground, p.citation, p.reason, p.document, p.facts, p.closed_by,
       closer.display_name, p.closed_at, p.answer, p.answer_facts
FROM proceeding p
LEFT JOIN account opener ON opener.id = p.opened_by
LEFT JOIN account closer ON closer.id = p.closed_by
"""

PASSED = """
SELECT t.id, t.element, t.name, t.role, t.agency, t.closed_by, closer.display_name, t.closed_at, t.clock_id, t.item,
       s."values"
FROM task t
LEFT JOIN account closer ON closer.id = t.closed_by
LEFT JOIN submission s ON s.instance_id = t.instance_id AND s.task_id = t.id
WHERE t.instance_id = %s AND t.status = 'completed'"""
