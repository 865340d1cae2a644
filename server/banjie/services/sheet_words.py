"""The words of the print sheet in its two languages; the English text is the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from banjie.domain.calendar import LEGAL_ZONE

_CHINESE = {
    "Approval sheet": "审批单",
    "Case number": "办件编号",
    "Region": "所属地区",
    "Applicant": "申请人",
    "Applied": "申请时间",
    "Accepted": "受理时间",
    "Ended": "办结时间",
    "State": "办理状态",
    "Application": "申请事项",
    "Steps": "办理过程",
    "Completed": "已办理",
    "Receipts of the rules": "政策依据",
    "Rule {row}": "规则 {row}",
    "By the law in force in {region} on {day}": "适用 {day} {region}有效的规定",
    "No rule applies; nothing was decided.": "没有适用的规则，未作出决定。",
    "To be confirmed by an officer": "须由工作人员确认",
    "No text gives a value": "没有文件规定该值",
    "set locally": "本地设定",
    "reading of the text": "文件解读",
    "Time account": "时限账",
    "Clock": "时限",
    "Limit": "规定",
    "Used": "已用",
    "Not counted": "不计入",
    "Started": "起算",
    "Due": "到期",
    "Finished": "办结",
    "On time": "是否超期",
    "running": "计时中",
    "paused": "暂停中",
    "late": "超期",
    "in time": "未超期",
    "Limit of acceptance": "受理时限",
    "Statutory limit": "法定时限",
    "Promised limit": "承诺时限",
    "working day": "个工作日",
    "natural day": "个自然日",
    "day": "日",
    "Basis: {citation}": "依据：{citation}",
    "Time not counted or added": "不计入与延长的时间",
    "From": "自",
    "To": "至",
    "In the hands of": "由谁办理",
    "Counts": "计算方式",
    "Ground": "事由",
    "law": "依法视为",
    "{name} in place of {absent}": "{name}（代{absent}）",
    "Beside the diagram": "流程外事项",
    "Opened": "提出",
    "Closed": "办理",
    "Reason": "理由",
    "Answer": "答复",
    "Document": "文书",
    "Lapses": "期限",
    "Record": "办理记录",
    "Entries": "记录条数",
    "Hash of the last entry": "末条记录校验值",
    "The hash covers every entry before it; it can be compared with the electronic case.": (
        "校验值覆盖此前全部记录，可与电子办件核对。"
    ),
    "Follow the case": "扫码查询办理进度",
    "Printed {at} by {name}": "{name} 于 {at} 打印",
    "Page {page} of {pages}": "第 {page} 页，共 {pages} 页",
    "Characters that the fonts of this sheet lack, printed as 〓:": "本单字库缺少下列字符，以〓代替：",
    "running case": "办理中",
    "withdrawn": "申请人已撤回",
    "cancelled": "已作废",
    "approved": "已批准",
    "refused": "未获批准",
    "not_accepted": "不予受理",
    "review_refused": "审核未通过",
    "investigation_refused": "担保机构未同意",
    "bank_refused": "银行未同意",
    "supplement_lapsed": "逾期未补正，视为撤回",
    "ended": "已办结",
    "Meeting of the review team": "会签会议",
    "Present": "到会成员",
    "Absent": "未到会成员",
    "Quorum": "到会要求",
    "{share} of {size}: {number}": "全体{size}人的{share}，即{number}人",
    "Votes needed": "同意要求",
    "{share} {base}: {number}": "{base}的{share}，即{number}人同意",
    "of those present": "到会成员",
    "of all members": "全体成员",
    "Chair's veto": "组长一票否决",
    "chair": "组长",
    "; ": "；",
    "Member": "成员",
    "Vote": "表决",
    "Opinion": "意见",
    "vote approve": "同意",
    "vote reject": "不同意",
    "vote abstain": "弃权",
    "vote none": "未表决",
    "The panel has approved": "会签通过",
    "The panel has rejected": "会签未通过",
    "proceeding supplement": "补正材料",
    "proceeding supplement_grant": "再次补正的批准",
    "proceeding extension": "延长期限",
    "proceeding excluded": "不计入期限的程序",
    "proceeding suspension": "中止办理",
    "proceeding return": "退回",
    "proceeding take_back": "撤回已办",
    "proceeding jump": "跳转",
    "proceeding transfer": "转办",
    "proceeding delegation": "委托征求意见",
    "proceeding reassignment": "改派",
    "proceeding urge": "催办",
    "proceeding countersign": "会签成员变动",
    "proceeding card": "督办",
    "proceeding withdrawal": "申请人撤回",
    "proceeding cancellation": "作废",
    "status open": "进行中",
    "status granted": "同意",
    "status refused": "不同意",
    "status done": "已完成",
    "status lapsed": "逾期终止",
    "status taken_back": "已撤回",
    "exempt": "免除反担保",
    "eligible": "是否符合条件",
    "needed": "是否需办理反担保、抵押",
    "cap": "最高额度",
    "reason": "原因",
    "amount": "核定额度",
    "capped": "超过上限",
    "contract_part": "合同增加额",
    "count": "符合人数",
    "daily": "日标准",
    "days": "补贴天数",
    "each": "每人金额",
    "insured_months": "计算的参保月数",
    "interns": "符合条件人数",
    "layoff_rate": "裁员率（%）",
    "proposal": "初步意见",
    "rate": "补贴标准（比例）",
    "retention": "留用率（%）",
    "share": "补贴比例（%）",
    "yes": "是",
    "no": "否",
    "none": "无",
    "CNY": "元",
    "persons": "人",
    "times": "次",
    "years": "年",
    "months": "个月",
    "working_days": "个工作日",
    "natural_days": "个自然日",
    "individual": "个人",
    "sme": "小微企业",
}
#: Keys that are codes and do not read as English.
_ENGLISH = {
    "running case": "In progress",
    "withdrawn": "Withdrawn by the applicant",
    "cancelled": "Cancelled",
    "approved": "Approved",
    "refused": "Refused",
    "not_accepted": "Not accepted",
    "review_refused": "Refused at the review",
    "investigation_refused": "Refused by the guarantor",
    "bank_refused": "Refused by the bank",
    "supplement_lapsed": "Counts as withdrawn: what was missing did not come in time",
    "ended": "Finished",
    "vote approve": "approves",
    "vote reject": "rejects",
    "vote abstain": "abstains",
    "vote none": "has not voted",
    "proceeding supplement": "Supplement",
    "proceeding supplement_grant": "Grant of a second supplement",
    "proceeding extension": "Extension",
    "proceeding excluded": "Procedure whose time does not count",
    "proceeding suspension": "Suspension",
    "proceeding return": "Return",
    "proceeding take_back": "Taken back",
    "proceeding jump": "Jump",
    "proceeding transfer": "Transfer",
    "proceeding delegation": "Handed over for an opinion",
    "proceeding reassignment": "Reassignment",
    "proceeding urge": "Urged",
    "proceeding countersign": "Change of a panel",
    "proceeding card": "Supervision card",
    "proceeding withdrawal": "Withdrawal",
    "proceeding cancellation": "Cancellation",
    "status open": "open",
    "status granted": "granted",
    "status refused": "refused",
    "status done": "done",
    "status lapsed": "lapsed",
    "status taken_back": "taken back",
    "exempt": "Exempt from counter-guarantee",
    "eligible": "Meets the conditions",
    "needed": "Security must be arranged",
    "cap": "Highest amount",
    "reason": "Reason",
    "amount": "Amount within the cap",
    "capped": "Above the cap",
    "contract_part": "Added for the length of contracts",
    "count": "People who qualify",
    "daily": "A day",
    "days": "Days that count",
    "each": "A person",
    "insured_months": "Insured months that count",
    "interns": "Interns who qualify",
    "layoff_rate": "Layoff rate, per cent",
    "proposal": "First opinion",
    "rate": "Rate",
    "retention": "Kept after the internship, per cent",
    "share": "Share, per cent",
    "CNY": "yuan",
    "percent": "%",
    "working_days": "working days",
    "natural_days": "natural days",
    "sme": "small enterprise",
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one language, "zh" or "en"."""

    language: str

    def __call__(self, key: str, **filled: object) -> str:
        """A text by its English or its code, with its gaps filled; an unknown key stands for itself."""
        known = _ENGLISH if self.language == "en" else _CHINESE
        text = known.get(key) or _ENGLISH.get(key, key)
        return text.format(**filled) if filled else text

    def count(self, unit: str, number: int) -> str:
        """So many of a unit, which is named in the singular."""
        many = "s" if self.language == "en" and number != 1 else ""
        return f"{number} {self(unit)}{many}"

    def name(self, chinese: str, english: str) -> str:
        """The one of two names that fits; the Chinese one where there is no English one."""
        return english if self.language == "en" and english else chinese

    def time(self, instant: datetime) -> str:
        """The minute in Beijing time."""
        return instant.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")

    def day(self, day: date) -> str:
        """A day."""
        return day.isoformat() if self.language == "en" else f"{day.year}年{day.month}月{day.day}日"

    def cited_of(self, text: str, notes: Sequence[str]) -> str:
        """A text with notes in brackets behind it, where there are any."""
        return text + self.cited(self("; ").join(notes)) if notes else text

    def cited(self, where: str) -> str:
        """A reference in brackets behind a text."""
        return f" ({where})" if self.language == "en" else f"（{where}）"
