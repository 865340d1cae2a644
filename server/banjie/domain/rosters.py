"""Lists of enterprises that are paid without asking (免申即享): one list, one case (ADR 0013)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from banjie.domain.columns import CellKind, Column
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict

#: The kind under which a list's file stands among the loads.
LOAD_KIND = "roster"


class RosterBusy(Conflict):
    """The list is being worked on; the next step begins when that is done."""

    code = "roster_busy"


class RosterUnderWay(Conflict):
    """The same file is being read already."""

    code = "roster_under_way"


class RosterStatus(StrEnum):
    """Waiting to be read, being read, decided (ready) or refused for its content; then granted, ordered, settled."""

    WAITING = "waiting"
    READING = "reading"
    READY = "ready"
    REFUSED = "refused"
    GRANTING = "granting"
    GRANTED = "granted"
    ORDERING = "ordering"
    ORDERED = "ordered"
    SETTLED = "settled"


#: The jobs of the workers: read a list, grant what was approved, order its payments.
READ_ROSTER, GRANT_ROSTER, ORDER_ROSTER = "read_roster", "grant_roster", "order_roster"

#: While one of these the case's next step is refused.
BUSY = frozenset({RosterStatus.GRANTING, RosterStatus.ORDERING})
#: While one of these a page asks again by itself.
MOVING = BUSY | {RosterStatus.WAITING, RosterStatus.READING}


class RowState(StrEnum):
    """A row is to be paid (eligible), or is not: by the rules, a limit, the enterprise's wish, or an objection."""

    ELIGIBLE = "eligible"
    EXCLUDED = "excluded"
    LIMITED = "limited"
    DECLINED = "declined"
    OBJECTED = "objected"


class Reason(StrEnum):
    """Why a row is not paid beside the table's own reasons."""

    UNDECIDED = "undecided"
    NO_ACCOUNT = "account"
    NOTHING = "nothing_to_pay"
    DECLINED = "declined"
    LIMIT = "limit_reached"


@dataclass(frozen=True, kw_only=True)
class Roster:
    """A list as stored. `year` is the one that is paid for, `on_day` the day whose law decides.

    `done` is the last line worked on by the job in hand; `shared` is what all rows' receipts have in common, with
    the counts (`counts`: reason → rows, `last_line`). `total` in CNY.
    """

    id: int
    service: str
    region: str
    year: int
    title: str
    on_day: date
    status: RosterStatus
    load_id: int | None
    instance_id: int | None
    case_no: str | None
    lines: int
    eligible: int
    total: Decimal
    done: int
    shared: Mapping[str, Json] | None
    made_by: int
    made_by_name: str
    made_at: datetime

    @property
    def is_moving(self) -> bool:
        return self.status in MOVING


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """A row of a list: what it was decided on (`facts`), what came of it, and where the money goes.

    `payment` is the state of its newest order, if any. `amount` in CNY.
    """

    line: int
    uscc: str
    name: str
    facts: Mapping[str, Json]
    account_kind: str | None
    account_name: str | None
    account_no: str | None
    bank_name: str | None
    eligible: bool | None
    amount: Decimal | None
    reason_code: str | None
    rules: Sequence[int]
    state: RowState
    payment: str | None


#: How far the newest order of a row may be for the enterprise still to refuse: none, due, or refused by the bank.
_OPEN_TO_REFUSAL = frozenset({None, "due", "refused"})


@dataclass(frozen=True, kw_only=True)
class OwnRow:
    """A row as its enterprise sees it among its own: with what is to be told of the list and its case.

    `is_running` tells of the list's case, `payment` is the state of the row's newest order, if any; `amount` in CNY.
    """

    roster_id: int
    line: int
    service: str
    title: str
    year: int
    region: str
    status: RosterStatus
    is_running: bool
    uscc: str
    amount: Decimal | None
    reason_code: str | None
    state: RowState
    payment: str | None

    @property
    def may_refuse(self) -> bool:
        """Whether it is still to be paid, and its money not yet in a batch, with the bank or paid."""
        return self.state is RowState.ELIGIBLE and self.is_running and self.payment in _OPEN_TO_REFUSAL


#: The titles of sizes and bodies are the words of the texts and of the table.
_SIZES = {
    word: word[:2]
    for word in ("大型", "中型", "小型", "微型", "其他", "大型企业", "中型企业", "小型企业", "微型企业")
}
ACCOUNT_KINDS = {
    "对公账户": "corporate", "对公": "corporate", "corporate": "corporate",
    "缴费账户": "premium", "税务缴费账户": "premium", "premium": "premium",
}  # fmt: skip

#: The columns of a list of the stabilisation refund, in the order of its template. What a row lacks that the rules of
#: the year ask for makes it a bad row.
COLUMNS: Sequence[Column] = (
    Column(key="uscc", title="统一社会信用代码", title_en="Credit code", kind=CellKind.CREDIT_CODE, required=True,
           also=("社会信用代码", "信用代码")),
    Column(key="name", title="企业名称", title_en="Enterprise", required=True, also=("单位名称", "名称")),
    Column(key="size", title="企业规模", title_en="Size", kind=CellKind.CHOICE, choices=_SIZES, also=("规模",)),
    Column(key="body", title="单位类型", title_en="Kind of body", longest=60),
    Column(key="premium", title="上年度实际缴纳失业保险费", title_en="Premium paid in the year before",
           kind=CellKind.MONEY, required=True, also=("失业保险费", "缴费金额")),
    Column(key="laid_off", title="上年度裁员人数", title_en="Laid off in the year before", kind=CellKind.COUNT,
           also=("裁员人数",)),
    Column(key="year_end_staff", title="上年末职工人数", title_en="Staff at the end of the year before",
           kind=CellKind.COUNT),
    Column(key="few_layoffs", title="认定少裁员", title_en="Few layoffs as determined", kind=CellKind.YES_NO),
    Column(key="terminated", title="上年度解除终止且符合领取失业保险金条件人数",
           title_en="Terminated and entitled to benefit", kind=CellKind.COUNT, also=("解除终止人数",)),
    Column(key="average_insured", title="上年度月平均参保人数", title_en="Average insured persons a month",
           kind=CellKind.DECIMAL, also=("月均参保人数",)),
    Column(key="dishonest", title="严重违法失信", title_en="Seriously dishonest", kind=CellKind.YES_NO),
    Column(key="polluting", title="不符合环保政策", title_en="Against environmental policy",
           kind=CellKind.YES_NO),
    Column(key="account_kind", title="账户类型", title_en="Kind of account", kind=CellKind.CHOICE,
           choices=ACCOUNT_KINDS),
    Column(key="account_name", title="账户名称", title_en="Name of the account", also=("户名",)),
    Column(key="account_no", title="银行账号", title_en="Account", kind=CellKind.ACCOUNT, also=("账号",)),
    Column(key="bank_name", title="开户银行", title_en="Bank", also=("开户行",)),
)  # fmt: skip

#: The keys of the columns that rules read, as `row.<key>` of the case data.
FACTS = tuple(
    column.key for column in COLUMNS if column.key not in ("uscc", "name", "account_name", "account_no", "bank_name")
)  # fmt: skip
