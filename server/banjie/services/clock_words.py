"""The words of a clock's account in the house's two languages; pages, command and API tell it alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

_EN = "en"

_WORDS: Mapping[str, tuple[str, str]] = {
    "applicant": ("申请人", "Applicant"),
    "bureau": ("人社部门", "Bureau"),
    "guarantor": ("担保机构", "Guarantor"),
    "bank": ("银行", "Bank"),
    "finance": ("财政部门", "Finance bureau"),
    "government": ("人民政府", "Government"),
    "development": ("发展改革部门", "Development and reform commission"),
    "industry": ("工业和信息化部门", "Industry bureau"),
    "tax": ("税务部门", "Tax bureau"),
    "civil_affairs": ("民政部门", "Civil affairs bureau"),
    "law": ("依法", "By law"),
    "counted": ("计入", "counted"),
    "not_counted": ("不计入", "not counted"),
    "extended": ("延长", "extended"),
    "now": ("至今", "now"),
    "system": ("系统", "system"),
    "supplement": ("补正材料", "supplement"),
    "supplement_answered": ("已补正", "supplied"),
    "suspension": ("中止", "suspension"),
    "extension": ("延期", "extension"),
    "extension_with_step": ("随环节延期", "extension of a step"),
}

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "working_days": ("第 {used} 个工作日，共 {limit}", "Working day {used} of {limit}"),
    "natural_days": ("第 {used} 日，共 {limit}", "Day {used} of {limit}"),
    "used_working_days": ("用了 {used} 个工作日，共 {limit}", "{used} of {limit} working days used"),
    "used_natural_days": ("用了 {used} 日，共 {limit}", "{used} of {limit} days used"),
    "extended": ("含延长 {days} 日", "{days} days of it added"),
    "not_counted": ("{days} 日不计入", "{days} days not counted"),
    "because": ("，因{grounds}", ", because of {grounds}"),
    "in_hand": ("现在由{party}办理", "now in the hands of: {party}"),
    "paused": ("计时暂停", "the clock is paused"),
    "late": ("已超期", "overdue"),
    "stopped": ("已办结", "finished"),
}


def word(code: str, language: str) -> str:
    """The word of a party, a kind of interval or a ground; an unknown code stands for itself."""
    pair = _WORDS.get(code)
    return pair[_index(language)] if pair else code


def sentence(key: str, language: str, **filled: object) -> str:
    """A part of the account's sentence with its gaps filled."""
    return _SENTENCES[key][_index(language)].format(**filled)


def duration(length: timedelta, language: str) -> str:
    """A length of time by the wall clock, to the minute.

    >>> duration(timedelta(days=2, hours=1, minutes=5), "en"), duration(timedelta(seconds=7), "zh")
    ('2 d 1 h 5 min', '0 分')
    """
    hours, minutes = divmod(length.seconds // 60, 60)
    units = ("d", "h", "min") if language == _EN else ("天", "小时", "分")
    parts = [
        f"{count} {unit}" for count, unit in zip((length.days, hours, minutes), units, strict=True) if count
    ]
    return " ".join(parts) or f"0 {units[-1]}"


def joined(parts: list[str], language: str) -> str:
    """The parts as one sentence."""
    return ("; " if language == _EN else "；").join(parts)


def listed(items: list[str], language: str) -> str:
    """The items of a list within a sentence."""
    return (", " if language == _EN else "、").join(items)


def _index(language: str) -> int:
    return 1 if language == _EN else 0
