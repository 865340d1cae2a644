"""The words of letters, in Chinese; they name the case and no personal data."""

from __future__ import annotations

from collections.abc import Mapping

_SUBJECTS = {
    "guarantee_loan/approved": "您的创业担保贷款已发放",
    "guarantee_loan/refused": "您的创业担保贷款申请未获批准",
    "guarantee_loan/not_accepted": "您的创业担保贷款申请未予受理",
    "application_joined": "申请人对在办办件又提交了一份申请",
    "deadline_warned": "办件即将到期",
    "deadline_missed": "办件已超期",
    "deadline_escalated": "超期办件督办",
    "red_card": "黄牌逾期未答复，已升级为红牌",
    "mentioned": "有人在办件意见中提到您",
    "copied": "有办件抄送给您",
}

#: The templates that there are words for.
TEMPLATES = frozenset(_SUBJECTS)


def letter(template: str, case_no: str, facts: Mapping[str, object], base_url: str) -> tuple[str, str]:
    """Subject and body; an unknown template gives a plain notice.

    >>> letter("deadline_missed", "152201-20260105-000001", {}, "https://x")[0]
    '办件已超期：152201-20260105-000001'
    """
    subject = f"{_SUBJECTS.get(template, '办件有新进展')}：{case_no}"
    lines = [subject, "", f"查看办件：{base_url}/cases/{case_no}"]
    if due_at := facts.get("due_at"):
        lines.insert(1, f"办理期限：{due_at}")
    return subject, "\n".join(lines) + "\n"
