"""People and cases to try the system with; production refuses to run with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from banjie.domain.assignment import Actor, Membership, Role
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict
from banjie.domain.identity import credit_code_check, id_check_digit, luhn_digit
from banjie.domain.worklist import Tab
from banjie.services import instances, people, tasks, timers
from banjie.services.runtime import Runtime

#: The password of every demonstration account, printed by `banjie up`.
PASSWORD = "banjie-demo-2026"  # noqa: S105  meant to be known

LEAGUE = "152200"
COUNTY = "152201"
BUREAU, GUARANTOR, BANK, OTHER_BANK = "bureau-ulanhot", "guarantor-hinggan", "bank-hinggan", "bank-ulanhot"
FINANCE = "finance-hinggan"


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """One account of the demonstration, and what it is good for."""

    username: str
    name: str
    title: str
    title_en: str
    memberships: tuple[Membership, ...]


def _person(username: str, name: str, title: str, title_en: str, *held: Membership) -> DemoPerson:
    return DemoPerson(username=username, name=name, title=title, title_en=title_en, memberships=held)


CAST = (
    _person("wang", "王小梅", "申请人", "applicant", Membership(role=Role.APPLICANT)),
    _person("liu", "刘志强", "申请人", "applicant", Membership(role=Role.APPLICANT)),
    _person("zhao", "赵敏", "人社局经办人", "bureau officer", Membership(role="bureau_officer", agency=BUREAU)),
    _person(
        "qian", "钱进", "担保机构经办人", "guarantor's officer", Membership(role="guarantor_officer", agency=GUARANTOR)
    ),
    _person("sun", "孙丽", "银行受理人", "bank officer", Membership(role="bank_officer", agency=BANK)),
    _person("li", "李建国", "银行放款人", "bank officer", Membership(role="bank_officer", agency=BANK)),
    _person("zhou", "周局长", "人社局负责人", "head of the bureau", Membership(role=Role.HEAD, agency=BUREAU)),
    _person("wu", "吴主任", "担保机构负责人", "head of the guarantor", Membership(role=Role.HEAD, agency=GUARANTOR)),
    _person("zheng", "郑行长", "银行负责人", "head of the bank", Membership(role=Role.HEAD, agency=BANK)),
    _person("feng", "冯科长", "盟级督办", "manager of the league", Membership(role=Role.MANAGER, region=LEAGUE)),
    _person("chen", "陈工", "流程管理员", "process owner", Membership(role=Role.PROCESS_OWNER, region=LEAGUE)),
    _person("chu", "褚审计", "审计员", "auditor", Membership(role=Role.AUDITOR, region=LEAGUE)),
    _person("wei", "卫工", "系统管理员", "administrator", Membership(role=Role.ADMIN)),
    _person("bai", "白丽", "人社局复核人", "second officer of the bureau",
            Membership(role="bureau_officer", agency=BUREAU)),
    _person("caiwei", "蔡薇", "财政局经办人", "finance officer", Membership(role="finance_officer", agency=FINANCE)),
    _person("hu", "胡军", "财政局复核人", "second finance officer", Membership(role="finance_officer", agency=FINANCE)),
    _person("qiu", "邱局长", "财政局负责人", "head of finance", Membership(role=Role.HEAD, agency=FINANCE)),
    _person("gao", "高秘书", "行政公署经办人", "officer of the government",
            Membership(role="government_officer", agency="government-hinggan")),
    _person("fang", "方科长", "发改委审核小组成员", "member of the review team",
            Membership(role="development_officer", agency="development-hinggan")),
    _person("lin", "林科长", "工信局审核小组成员", "member of the review team",
            Membership(role="industry_officer", agency="industry-hinggan")),
    _person("tao", "陶科长", "税务局审核小组成员", "member of the review team",
            Membership(role="tax_officer", agency="tax-hinggan")),
    _person("min", "闵科长", "民政局经办人", "officer of civil affairs",
            Membership(role="civil_affairs_officer", agency="civil-affairs-ulanhot")),
    _person("jiang", "蒋平", "另一家银行的经办人", "officer of another bank",
            Membership(role="bank_officer", agency=OTHER_BANK)),
    _person("dong", "董燕", "人社局名单经办人", "officer of the bureau who brings lists",
            Membership(role="bureau_officer", agency=BUREAU)),
)  # fmt: skip


def add_people(rt: Runtime) -> int:
    """Open the accounts that are missing; returns how many."""
    added = 0
    for person in CAST:
        try:
            people.add_person(
                rt, username=person.username, password=PASSWORD, display_name=person.name,
                memberships=person.memberships, is_demo=True,
            )  # fmt: skip
            added += 1
        except Conflict:
            continue
    return added


def individual_application(
    serial: int, *, name: str = "王小梅", amount: int = 150_000, **more: Json
) -> dict[str, Json]:
    """A valid application of a person, by a serial number; `more` replaces or adds fields."""
    return {
        "applicant_name": name, "id_number": id_number(serial), "phone": f"139{serial:08d}",
        "household_type": "urban", "address": f"乌兰浩特市兴安北大路{serial}号", "founder_group": "graduate",
        "business_name": "晨光小吃店", "region": COUNTY, "business_address": f"乌兰浩特市五一街{serial}号",
        "industry": "catering", "amount": amount, "term_months": 24, "purpose": "购置设备并支付店面租金",
        "bank_account": bank_card(serial), "bank_name": "兴安盟示例农村商业银行",
        "guarantee_kind": "guarantee_fund", "recommended_by": "none", "honour_level": "none",
        "credit_assessed": False, "second_time_founder": False, "declaration": True, **more,
    }  # fmt: skip


def sme_application(serial: int, *, amount: int = 2_000_000, **more: Json) -> dict[str, Json]:
    """A valid application of a small enterprise, by a serial number; `more` replaces or adds fields."""
    return {
        "enterprise_name": "兴安盟牧源食品有限公司", "uscc": credit_code(serial), "region": COUNTY,
        "business_address": f"乌兰浩特市经济开发区{serial}号", "industry": "manufacturing",
        "opened_on": "2018-04-10", "legal_representative": "刘志强", "id_number": id_number(serial),
        "phone": f"138{serial:08d}", "staff_count": 40, "new_hires": 10, "contract_years": 2, "amount": amount,
        "term_months": 24, "purpose": "采购原料并扩大生产线", "bank_account": f"0512{serial:010d}",
        "bank_name": "兴安盟示例农村商业银行", "guarantee_kind": "mortgage", "recommended_by": "none",
        "honour_level": "none", "credit_assessed": False, "second_time_founder": False, "declaration": True, **more,
    }  # fmt: skip


#: What an officer answers at each step to let a case pass.
ANSWERS: dict[str, dict[str, Json]] = {
    "Accept": {"decision": "accept", "materials_checked": True},
    "Review": {"decision": "approve", "approved_amount": 150_000, "conditions_confirmed": True},
    "Investigate": {"decision": "approve", "findings": "经营场所真实，现金流稳定，符合担保条件"},
    "BankAccept": {"decision": "approve", "mortgage_required": False},
    "ArrangeSecurity": {"security_kind": "counter_guarantee", "contract_no": "FDB-2026-001"},
    "Disburse": {"decision": "approve", "disbursed_amount": 150_000, "contract_no": "DK-2026-001",
                 "account_confirmed": True},
}  # fmt: skip
#: How many of the most pressing tasks each officer has claimed.
_CLAIMED_EACH = 2
_DATED = {"Investigate": "visited_on", "ArrangeSecurity": "arranged_on", "Disburse": "disbursed_on"}
#: Who answers at each step.
OFFICERS = {"Accept": "zhao", "Review": "zhao", "Investigate": "qian", "BankAccept": "sun", "ArrangeSecurity": "sun",
            "Disburse": "li"}  # fmt: skip


def answer(element: str, on: date, **more: Json) -> dict[str, Json]:
    """A submission that lets a case pass a step on a day; `more` replaces or adds fields."""
    dated = {_DATED[element]: on.isoformat()} if element in _DATED else {}
    return {**ANSWERS[element], **dated, **more}


def add_cases(rt: Runtime) -> int:
    """Cases in every light, as if they had begun in the last working days; returns how many.

    Each is walked on a clock set back, through the same services as real ones.
    """
    calendar = rt.calendars.calendar_for()
    actors = {person.username: people.actor_named(rt, person.username) for person in CAST}
    plans: list[tuple[int, int, str]] = [
        (9, 6, "done"), (9, 2, "Review"), (7, 3, "Investigate"), (6, 4, "Disburse"), (4, 1, "Review"),
        (3, 2, "Investigate"), (2, 1, "Review"), (1, 1, "Review"), (1, 0, "Accept"), (0, 0, "Accept"),
        (0, 0, "Accept"), (5, 4, "BankAccept"),
    ]  # fmt: skip
    for serial, (days_ago, pace, stop) in enumerate(plans, start=1):
        day = calendar.nth(calendar.working_day_from(rt.today()), -days_ago)
        _walk(rt, actors, serial, day, pace, stop)
    for username in ("zhao", "qian", "sun"):
        for row in tasks.inbox(rt, actors[username], Tab.CANDIDATE, limit=_CLAIMED_EACH).rows:
            tasks.claim(rt, actors[username], row.task_id)
    timers.sweep(rt)
    return len(plans)


def _walk(rt: Runtime, actors: dict[str, Actor], serial: int, day: date, pace: int, stop: str) -> None:
    """Apply on a day and pass the steps before `stop`, `pace` steps a working day later each at the most."""
    at = datetime(day.year, day.month, day.day, 9, 10 + serial, tzinfo=LEGAL_ZONE)
    latest = rt.now()
    then = _set_back(rt, min(at, latest))
    is_firm = serial % 4 == 0
    service = "guarantee-loan-sme" if is_firm else "guarantee-loan-individual"
    application = (
        sme_application(serial) if is_firm else individual_application(serial, name=_NAMES[serial % 6])
    )
    started = instances.start(
        then,
        instances.StartCase(service=service, by=actors["liu" if is_firm else "wang"], submission=application),
    )
    while True:
        view = instances.view(then, actors["feng"], started.case_no)
        if not view.tasks or view.tasks[0].element == stop:
            return
        at += timedelta(hours=2 if pace else 1)
        then = _set_back(rt, min(at, latest))
        task = view.tasks[0]
        tasks.complete(
            then,
            tasks.CompleteTask(
                task_id=task.id, by=actors[OFFICERS[task.element]], submission=answer(task.element, day)
            ),
        )


def _set_back(rt: Runtime, moment: datetime) -> Runtime:
    """The same installation with its clock standing at a moment."""
    return replace(rt, now=lambda: moment)


_NAMES = ("包青山", "白音图", "乌日娜", "李秀兰", "孟和", "张海燕")


#: Twenty years, to the end of 1999.
_DAYS_OF_BIRTH = 7305


def id_number(serial: int) -> str:
    # 397001 and 7305 have no common factor: seven million serial numbers give as many ID numbers.
    born = date(1980, 1, 1) + timedelta(days=(serial // 1000 + serial * 397) % _DAYS_OF_BIRTH)
    body = f"{COUNTY}{born:%Y%m%d}{(serial + 500) % 1000:03d}"
    return body + id_check_digit(body)


def young_id_number(serial: int, on: date) -> str:
    """The ID number of somebody who is twenty years old on the day."""
    born = on - timedelta(days=20 * 366 + serial // 1000 % 300)
    body = f"{COUNTY}{born:%Y%m%d}{serial % 1000:03d}"
    return body + id_check_digit(body)


def credit_code(serial: int) -> str:
    body = f"91{COUNTY}MA{serial:07d}"
    return body + credit_code_check(body)


def bank_card(serial: int) -> str:
    body = f"622848{serial:012d}"
    return body + luhn_digit(body)
