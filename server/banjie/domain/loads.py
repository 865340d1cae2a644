"""Files that are read into a register: their columns, how a load stands, and what is wrong with a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from banjie.domain.columns import CellKind, Column
from banjie.domain.errors import Conflict
from banjie.domain.registers import ACCOUNT_KINDS, LEVELS, RegisterKind, keys_of

#: Problems that are kept of a load; all are counted.
MOST_PROBLEMS = 10_000


class LoadStatus(StrEnum):
    """A load waits, is read, has entered whole, was refused for its content, or failed for another reason."""

    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class LoadUnderWay(Conflict):
    """The same file is being loaded already."""

    code = "load_under_way"


@dataclass(frozen=True, kw_only=True)
class Load:
    """A file being read: `kind` is a register's or a list's of another part; `size` in bytes.

    `lines` are the rows read so far, of which `good` may enter and `bad` may not; `done_bytes` of `size` tell how
    far it is. `message` is JSON: the code and the facts of why the file as a whole was refused.
    """

    id: int
    kind: str
    region: str
    source: str
    as_of: date
    name: str
    sha256: str
    size: int
    skip_bad: bool
    status: LoadStatus
    lines: int
    good: int
    bad: int
    done_bytes: int
    message: str | None
    started_by: int | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def is_running(self) -> bool:
        return self.status in (LoadStatus.WAITING, LoadStatus.READING)


@dataclass(frozen=True, kw_only=True)
class LoadProblem:
    """What is wrong with a cell; `field` is the column's key, `facts` fill the sentence."""

    line: int
    field: str
    code: str
    facts: Mapping[str, object]


_REGION = Column(key="region", title="地区", title_en="Region", also=("旗县", "所属地区"))


def columns_of(kind: RegisterKind) -> Sequence[Column]:
    """The columns of a register's file, in the order of its template."""
    return _COLUMNS[kind]


def _facts(kind: RegisterKind) -> list[Column]:
    return [
        Column(key=fact.key, title=fact.title, title_en=fact.title_en, kind=fact.cell, choices=fact.choices)
        for fact in keys_of(kind)
    ]


_ID_NUMBER = Column(
    key="id_number", title="身份证号码", title_en="ID number", kind=CellKind.ID_NUMBER, required=True,
    also=("身份证号", "公民身份号码", "居民身份证号码"),
)  # fmt: skip
_CREDIT_CODE = Column(
    key="uscc", title="统一社会信用代码", title_en="Credit code", kind=CellKind.CREDIT_CODE, required=True,
    also=("社会信用代码", "信用代码", "Unified social credit code"),
)  # fmt: skip
_BANK_NAME = Column(
    key="bank_name", title="开户银行", title_en="Bank", required=True, also=("开户行", "开户银行名称")
)

_COLUMNS: Mapping[RegisterKind, Sequence[Column]] = {
    RegisterKind.PERSON: (
        _ID_NUMBER,
        Column(key="name", title="姓名", title_en="Name", required=True, longest=100),
        _REGION,
        *_facts(RegisterKind.PERSON),
    ),
    RegisterKind.ENTERPRISE: (
        _CREDIT_CODE,
        Column(key="name", title="单位名称", title_en="Name", required=True, also=("企业名称", "名称")),
        _REGION,
        *_facts(RegisterKind.ENTERPRISE),
    ),
    RegisterKind.BANK: (
        Column(key="code", title="行号", title_en="Code", kind=CellKind.CODE, required=True, longest=14,
               also=("联行号", "支付系统行号")),
        Column(key="name", title="银行名称", title_en="Name", required=True, also=("名称",)),
    ),
    RegisterKind.ACCOUNT: (
        Column(key="subject", title="证件号码", title_en="Number of the holder", kind=CellKind.SUBJECT, required=True,
               also=("统一社会信用代码", "身份证号码", "社会信用代码", "身份证号")),
        Column(key="kind", title="账户类型", title_en="Kind of account", kind=CellKind.CHOICE, required=True,
               choices=ACCOUNT_KINDS),
        Column(key="account_name", title="账户名称", title_en="Name of the account", required=True, also=("户名",)),
        Column(key="account_no", title="银行账号", title_en="Account", kind=CellKind.ACCOUNT, required=True,
               also=("账号",)),
        _BANK_NAME,
    ),
    RegisterKind.INSURED_MONTH: (
        _ID_NUMBER,
        Column(key="month", title="缴费月份", title_en="Month", kind=CellKind.MONTH, required=True,
               also=("费款所属期", "月份")),
        _CREDIT_CODE,
        Column(key="paid", title="缴费金额", title_en="Paid", kind=CellKind.MONEY, required=True, also=("金额",)),
    ),
    RegisterKind.CERTIFICATE: (
        Column(key="certificate_no", title="证书编号", title_en="Number of the certificate", kind=CellKind.CODE,
               required=True, longest=60, also=("证书号码", "证书号")),
        _ID_NUMBER,
        Column(key="occupation", title="职业（工种）", title_en="Occupation", required=True, also=("职业", "工种")),
        Column(key="level", title="等级", title_en="Level", kind=CellKind.CHOICE, required=True, choices=LEVELS,
               also=("技能等级", "证书等级")),
        Column(key="issued_on", title="核发日期", title_en="Issued on", kind=CellKind.DATE, required=True,
               also=("发证日期",)),
    ),
}  # fmt: skip

#: What makes a row of a file one of a kind: a second row with the same values is a duplicate.
IDENTITY: Mapping[RegisterKind, tuple[str, ...]] = {
    RegisterKind.PERSON: ("id_number",),
    RegisterKind.ENTERPRISE: ("uscc",),
    RegisterKind.BANK: ("code",),
    RegisterKind.ACCOUNT: ("subject", "kind"),
    RegisterKind.INSURED_MONTH: ("id_number", "month", "uscc"),
    RegisterKind.CERTIFICATE: ("certificate_no",),
}
