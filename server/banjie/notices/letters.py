"""The words of letters, in Chinese: the case, and no personal data but the reasons that the law has people told."""

from __future__ import annotations

from collections.abc import Mapping

_SUBJECTS = {
    "guarantee_loan/approved": "您的创业担保贷款已发放",
    "guarantee_loan/refused": "您的创业担保贷款申请未获批准",
    "guarantee_loan/not_accepted": "您的创业担保贷款申请未予受理",
    "subsidy/paid": "您申请的补贴已拨付到账",
    "subsidy/refused": "您的补贴申请未获批准",
    "subsidy/not_accepted": "您的补贴申请未予受理",
    "hardship_enterprise/determined": "您单位已被认定为困难企业",
    "hardship_enterprise/refused": "您单位的困难企业申请未获批准",
    "zero_employment_family/not_accepted": "您的零就业家庭认定申请未予受理",
    "zero_employment_family/not_recognised": "您的家庭未被认定为零就业家庭",
    "zero_employment_family/recognised": "您的家庭已被认定为零就业家庭，帮扶责任人将与您联系",
    "zero_employment_family/placed": "您家庭成员的就业已登记",
    "zero_employment_family/ended": "您家庭的就业帮扶已终止",
    "zero_employment_family/help_again": "您家庭可重新申请就业帮扶",
    "roster/paid": "免申即享名单的返还资金已全部拨付",
    "roster/refused": "免申即享名单未获批准",
    "entitlement_found": "您可能符合一项补贴的条件，无需先申请",
    "application_joined": "申请人对在办办件又提交了一份申请",
    "supplement_asked": "请补正您的申请材料",
    "supplement_withdrawn": "您的申请已无需补正",
    "supplement_answered": "申请人已补正",
    "supplement_lapsed": "逾期未补正，申请按撤回处理",
    "deemed_accepted": "逾期未告知，申请视为已受理",
    "extension_asked": "有延期申请待您决定",
    "extension_granted": "您申请的延期已获批准",
    "extension_refused": "您申请的延期未获批准",
    "extension_lapsed": "您申请的延期逾期未决定",
    "extension_told": "您的办件已延长办理期限",
    "excluded_started": "您的办件需进行不计入期限的程序",
    "excluded_ended": "不计入期限的程序已结束，期限继续计算",
    "suspended": "您的办件已挂起",
    "suspension_ended": "您的办件已恢复办理",
    "cancelled": "您的办件已被作废",
    "deadline_warned": "办件即将到期",
    "deadline_missed": "办件已超期",
    "deadline_escalated": "超期办件督办",
    "red_card": "黄牌逾期未答复，已升级为红牌",
    "mentioned": "有人在办件意见中提到您",
    "copied": "有办件抄送给您",
    "task_transferred": "有待办转办给您",
    "task_transfer_taken_back": "转办给您的待办已被收回",
    "task_delegated": "有待办委派给您，请回复意见",
    "task_resolved": "您委派的待办已回复",
    "task_recalled": "委派给您的待办已收回",
    "task_reassigned": "有待办改派给您",
    "task_given_to_another": "您的待办已改派他人",
    "task_urged": "办件被催办",
    "objection_received": "公示收到异议，请及时处理",
    "objection_answered": "公示异议已答复",
    "task_returned": "有办件退回到您的环节",
    "jump_proposed": "有办件跳转待您同意",
    "jump_done": "您提出的跳转已执行",
    "jump_refused": "您提出的跳转未获同意",
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
    told = (("due_at", "办理期限："), ("expected_days", "预计所需工作日："), ("days", "延长日数："),
            ("document", "文书："), ("reason", "理由："))  # fmt: skip
    lines[1:1] = [f"{label}{facts[key]}" for key, label in told if facts.get(key)]
    return subject, "\n".join(lines) + "\n"
