"""What departments know of persons and enterprises: facts with value, source and day, and how two of them agree.

A register says (`Said`), a case declares; `facts` sets the two against each other. Nothing here guesses: where
neither says anything a fact is missing, and tables see that it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from banjie.domain.columns import CellKind
from banjie.domain.decisions import Json

STALE_DAYS = "common/fact_stale_days"
DECLARED = "declared"
#: For how many of the months that a row of an application names the employer has paid the person's insurance.
MONTHS_HERE = "insured_months_here"


class RegisterKind(StrEnum):
    """The registers that files are read into."""

    PERSON = "person"
    ENTERPRISE = "enterprise"
    BANK = "bank"
    ACCOUNT = "account"
    INSURED_MONTH = "insured_month"
    CERTIFICATE = "certificate"


class FactState(StrEnum):
    """How a fact stands.

    MATCH: nothing that is known contradicts it. CONFLICT: two sources, or a source and the declaration, differ.
    STALE: it agrees, but the register has it from too long ago. DECLARED: only the applicant says so. MISSING:
    nobody says anything.
    """

    DECLARED = "declared"
    MATCH = "match"
    CONFLICT = "conflict"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class FactKey:
    """A fact that registers may hold of a person or an enterprise.

    `declared` are the application's fields that it is compared with, the first that is filled in. `stale_after` is
    the parameter that says after how many days it is stale, None for what does not age. `is_personal`: pages mask it.
    """

    key: str
    kind: RegisterKind
    title: str
    title_en: str
    cell: CellKind
    choices: Mapping[str, str] = field(default_factory=dict)
    declared: Sequence[str] = ()
    stale_after: str | None = STALE_DAYS
    is_personal: bool = False

    @property
    def compared(self) -> Sequence[str]:
        return self.declared or (self.key,)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one source says of one fact on a day; `value` is plain JSON, a day in ISO 8601."""

    key: str
    value: Json
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact of a case: the value that rules use, whose it is, and how it stands.

    `said` holds what each source says, the newest first; `declared` what the applicant says, None where silent.
    """

    key: str
    value: Json
    source: str | None
    as_of: date | None
    state: FactState
    declared: Json = None
    said: Sequence[Said] = ()

    def plain(self) -> dict[str, Json]:
        """As tables read it: facts.<key>.value, source, as_of, state, declared."""
        return {
            "value": self.value,
            "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "state": self.state.value,
            "declared": self.declared,
        }


@dataclass(frozen=True, kw_only=True)
class HeldAccount:
    """An account that a source knows of a subject; `kind`: corporate, tax (the tax department's) or personal."""

    kind: str
    account_name: str
    account_no: str
    bank_name: str
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class InsuredMonth:
    """A month (its first day) for which an employer paid a person's insurance."""

    month: date
    uscc: str
    paid: Decimal
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate of skill that a source knows."""

    certificate_no: str
    occupation: str
    level: str
    issued_on: date
    source: str
    as_of: date


SIZES = {
    "大型": "large", "中型": "medium", "小型": "small", "微型": "micro", "其他": "other",
    **{word: word for word in ("large", "medium", "small", "micro", "other")},
}  # fmt: skip
UNIT_KINDS = {
    "企业": "enterprise", "社会团体": "association", "基金会": "foundation", "社会服务机构": "social_service",
    "律师事务所": "law_firm", "会计师事务所": "accounting_firm", "个体工商户": "individual", "事业单位": "institution",
    "其他": "other",
    **{word: word for word in ("enterprise", "association", "foundation", "social_service", "law_firm",
                               "accounting_firm", "individual", "institution", "other")},
}  # fmt: skip
HOUSEHOLDS = {"城镇": "urban", "农村": "rural", "urban": "urban", "rural": "rural"}
LEVELS = {
    "五级": "5", "初级工": "5", "四级": "4", "中级工": "4", "三级": "3", "高级工": "3", "二级": "2", "技师": "2",
    "一级": "1", "高级技师": "1", "专项": "special", "专项职业能力": "special", "合格": "training",
    **{word: word for word in ("1", "2", "3", "4", "5", "special", "training")},
}  # fmt: skip
ACCOUNT_KINDS = {
    "对公账户": "corporate", "税务账户": "tax", "个人账户": "personal",
    **{word: word for word in ("corporate", "tax", "personal")},
}  # fmt: skip


def _of_enterprise(key: str, title: str, title_en: str, cell: CellKind, **more: object) -> FactKey:
    return FactKey(
        key=key, kind=RegisterKind.ENTERPRISE, title=title, title_en=title_en, cell=cell, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _of_person(key: str, title: str, title_en: str, cell: CellKind, **more: object) -> FactKey:
    return FactKey(
        key=key, kind=RegisterKind.PERSON, title=title, title_en=title_en, cell=cell, **more,  # type: ignore[arg-type]
    )  # fmt: skip


_COUNT, _MONEY, _DATE, _YES_NO, _CHOICE, _TEXT = (
    CellKind.COUNT, CellKind.MONEY, CellKind.DATE, CellKind.YES_NO, CellKind.CHOICE, CellKind.TEXT,
)  # fmt: skip

#: The facts that files bring and rules read. Their keys are names in tables and may not change.
FACT_KEYS: tuple[FactKey, ...] = (
    _of_enterprise("insured_staff", "上年度月均参保人数", "Insured staff (monthly mean of last year)",
                   CellKind.DECIMAL),
    _of_enterprise("staff_year_start", "上年初参保人数", "Insured staff at the beginning of last year", _COUNT),
    _of_enterprise("staff_year_end", "上年末参保人数", "Insured staff at the end of last year", _COUNT),
    _of_enterprise("laid_off", "上年度裁员人数", "Staff laid off last year", _COUNT),
    _of_enterprise("laid_off_benefit_eligible", "裁员中符合领取失业保险金条件人数",
                   "Laid off and entitled to unemployment benefit", _COUNT),
    _of_enterprise("premium_paid", "上年度实缴失业保险费", "Unemployment insurance paid last year", _MONEY),
    _of_enterprise("premium_months", "累计缴纳失业保险费月数", "Months of unemployment insurance paid", _COUNT),
    _of_enterprise("premium_arrears", "欠缴失业保险费", "Arrears of unemployment insurance", _YES_NO),
    _of_enterprise("social_insurance_monthly", "月社会保险费", "Social insurance a month", _MONEY),
    _of_enterprise("size", "划型", "Size", _CHOICE, choices=SIZES, declared=("size", "enterprise_size")),
    _of_enterprise("unit_kind", "单位类型", "Kind of unit", _CHOICE, choices=UNIT_KINDS),
    _of_enterprise("dishonest", "严重失信主体", "Listed as seriously dishonest", _YES_NO),
    _of_enterprise("polluting", "环保严重违法", "Listed for serious pollution", _YES_NO),
    _of_enterprise("established_on", "成立日期", "Established on", _DATE, declared=("registered_on", "opened_on"),
                   stale_after=None),
    _of_person("household_type", "户口性质", "Kind of household", _CHOICE, choices=HOUSEHOLDS),
    _of_person("graduated_on", "毕业日期", "Graduated on", _DATE, stale_after=None),
    _of_person("hardship_recognised_on", "就业困难人员认定日期", "Recognised as hard to place on", _DATE),
    _of_person("unemployment_registered_on", "失业登记日期", "Registered as unemployed on", _DATE,
                declared=("unemployment_registered_on", "unemployed_since")),
    _of_person("benefit_until", "失业保险金领取截止日期", "Unemployment benefit drawn until", _DATE),
    _of_person("insured_months_total", "累计参保月数", "Months insured in all", _COUNT,
               declared=("insured_months_total", "insured_months")),
    _of_person("minimum_living", "享受最低生活保障", "Receives the minimum living allowance", _YES_NO),
    _of_person("registered_poor", "建档立卡贫困劳动力", "Registered poor worker", _YES_NO),
    _of_person("disabled", "持残疾人证", "Holds a certificate of disability", _YES_NO),
    _of_person("employed_on", "就业登记日期", "Registered as employed on", _DATE),
)  # fmt: skip

#: Facts that are not columns of the person's or enterprise's own file: its name, its account, its certificate.
DERIVED_KEYS: tuple[FactKey, ...] = (
    _of_enterprise("registered_name", "登记名称", "Registered name", _TEXT,
                   declared=("enterprise_name", "business_name"), stale_after=None),
    _of_person("person_name", "姓名", "Name", _TEXT, declared=("applicant_name", "name", "member_name"),
               stale_after=None, is_personal=True),
    FactKey(key="account_no", kind=RegisterKind.ACCOUNT, title="银行账号", title_en="Account", cell=CellKind.ACCOUNT,
            declared=("bank_account",), is_personal=True),
    FactKey(key="certificate_issued_on", kind=RegisterKind.CERTIFICATE, title="证书核发日期",
            title_en="Certificate issued on", cell=_DATE, stale_after=None),
    FactKey(key="certificate_occupation", kind=RegisterKind.CERTIFICATE, title="证书职业（工种）",
            title_en="Occupation of the certificate", cell=_TEXT, stale_after=None),
    FactKey(key="certificate_level", kind=RegisterKind.CERTIFICATE, title="证书等级",
            title_en="Level of the certificate", cell=_CHOICE, choices=LEVELS, stale_after=None),
    FactKey(key=MONTHS_HERE, kind=RegisterKind.INSURED_MONTH, title="申领期间本单位参保月数",
            title_en="Months insured here in the time applied for", cell=_COUNT),
)  # fmt: skip

BY_KEY: Mapping[str, FactKey] = {fact.key: fact for fact in (*FACT_KEYS, *DERIVED_KEYS)}

#: The kinds of a fact's key that stand in the file of an enterprise or a person.
OF_ENTERPRISE = frozenset({RegisterKind.ENTERPRISE})
OF_PERSON = frozenset({RegisterKind.PERSON, RegisterKind.CERTIFICATE})


def keys_of(kind: RegisterKind) -> tuple[FactKey, ...]:
    """The facts that the file of a register has columns for."""
    return tuple(fact for fact in FACT_KEYS if fact.kind is kind)


def facts(
    keys: Iterable[FactKey],
    said: Iterable[Said],
    declared: Mapping[str, Json],
    *,
    on: date,
    stale_days: Mapping[str, int],
) -> dict[str, Fact]:
    """Each fact of the keys, by key.

    `declared` is the application, `stale_days` the days of each parameter that a key may name: a value is stale when
    more days than that lie between its day and `on`. A parameter without days never makes a fact stale.

    The newest value of a register is used, of several of one day the first source by name; the declared one only
    where all registers are silent.
    """
    by_key: dict[str, list[Said]] = {}
    for one in said:
        by_key.setdefault(one.key, []).append(one)
    return {
        key.key: _fact(key, by_key.get(key.key, []), _declared(key, declared), on, stale_days) for key in keys
    }


def _fact(key: FactKey, said: list[Said], declared: Json, on: date, stale_days: Mapping[str, int]) -> Fact:
    if not said:
        state = FactState.MISSING if declared is None else FactState.DECLARED
        source = None if declared is None else DECLARED
        return Fact(key=key.key, value=declared, source=source, as_of=None, state=state, declared=declared)
    ordered = sorted(sorted(said, key=lambda one: one.source), key=lambda one: one.as_of, reverse=True)
    newest = ordered[0]
    contradicted = any(not _same(one.value, newest.value) for one in ordered[1:])
    if contradicted or (declared is not None and not _same(declared, newest.value)):
        state = FactState.CONFLICT
    elif _is_stale(key, newest, on, stale_days):
        state = FactState.STALE
    else:
        state = FactState.MATCH
    return Fact(
        key=key.key, value=newest.value, source=newest.source, as_of=newest.as_of, state=state, declared=declared,
        said=tuple(ordered),
    )  # fmt: skip


def _is_stale(key: FactKey, said: Said, on: date, stale_days: Mapping[str, int]) -> bool:
    days = stale_days.get(key.stale_after) if key.stale_after else None
    return days is not None and (on - said.as_of).days > days


def _declared(key: FactKey, application: Mapping[str, Json]) -> Json:
    """What the application says, None where it is silent."""
    found = (application.get(name) for name in key.compared)
    return next((value for value in found if value is not None and value != ""), None)


def _same(one: Json, other: Json) -> bool:
    """Whether two values say the same: numbers by value, texts without spaces and case."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one == other
    return "".join(str(one).split()).casefold() == "".join(str(other).split()).casefold()
