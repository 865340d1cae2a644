"""The sentences for field errors, by code, in both languages. Facts fill the places in braces."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.domain.errors import FieldError

#: Code of a field error → (Chinese, English).
FIELD_MESSAGES: Mapping[str, tuple[str, str]] = {
    "unknown_field": ("表单中没有这一项", "The form has no such field"),
    "wrong_type": ("填写内容的类型不对", "This is not the kind of value that belongs here"),
    "bad_character": (
        "含有不能使用的字符，请重新输入",
        "Contains a character that cannot be used; type it again",
    ),
    "too_deep": ("内容嵌套过深", "Nested too deeply"),
    "too_large": ("内容过多，请减少后重新提交", "Too much content; shorten it and submit again"),
    "missing_context": (
        "暂时无法核对此项，请联系系统管理员",
        "This cannot be checked now; tell the system's administrator",
    ),
    "required": ("此项必填", "This must be filled in"),
    "too_short": ("至少填写{least}个字符", "Enter at least {least} characters"),
    "too_long": ("最多填写{most}个字符", "Enter at most {most} characters"),
    "pattern": ("格式不正确", "The format is not right"),
    "pattern_worded": ("{zh}", "{en}"),
    "email": ("请填写正确的电子邮箱", "Enter a correct e-mail address"),
    "phone": (
        "请填写带国家代码的电话号码，例如+8613812345678",
        "Enter a telephone number with its country code, such as +8613812345678",
    ),
    "not_a_number": ("请填写数字", "Enter a number"),
    "number_size": ("数字过大或小数位过多", "The number is too large or has too many decimals"),
    "too_small": ("不能小于{least}", "Must not be less than {least}"),
    "too_great": ("不能大于{most}", "Must not be more than {most}"),
    "too_many_decimals": ("最多保留{most}位小数", "At most {most} decimals"),
    "no_decimals": ("请填写整数", "Enter a whole number"),
    "not_an_option": ("请从所列选项中选择", "Choose one of the options listed"),
    "no_quorum": (
        "审核小组共{members}人，至少应到会{needed}人，现到会{present}人",
        "The team has {members} members; at least {needed} must attend, and {present} do",
    ),
    "too_few_to_approve": (
        "审核小组共{members}人，须{needed}人同意方可通过，现到会{present}人",
        "The team has {members} members; {needed} must approve, and only {present} attend",
    ),
    "chosen_twice": ("同一项选择了两次", "The same thing is chosen twice"),
    "too_many": ("最多{most}项", "At most {most} entries"),
    "not_a_date": ("请填写真实存在的日期，例如2025-09-30", "Enter a date that exists, such as 2025-09-30"),
    "not_a_time": ("请填写时间，例如09:30", "Enter a time, such as 09:30"),
    "not_a_datetime": (
        "请填写真实存在的日期和时间，例如2025-09-30T09:30",
        "Enter a date and time that exist, such as 2025-09-30T09:30",
    ),
    "after_today": ("不能晚于今天（{today}）", "Must not be later than today ({today})"),
    "before_today": ("不能早于今天（{today}）", "Must not be earlier than today ({today})"),
    "not_a_file": ("文件没有上传成功，请重新选择", "The file did not arrive; choose it again"),
    "one_file_only": ("只能上传一个文件", "Only one file can be uploaded"),
    "id_number_length": ("身份证号码应为18位", "An ID number has 18 characters"),
    "id_number_characters": (
        "身份证号码前17位应为数字，末位为数字或X",
        "An ID number has 17 digits and then a digit or X",
    ),
    "id_number_fifteen_digits": (
        "15位身份证号码已停止使用，请填写18位号码",
        "ID numbers of 15 digits are no longer valid; enter the one of 18",
    ),
    "id_number_region": ("身份证号码的地区代码不正确", "The region code in the ID number is not right"),
    "id_number_birth_date": ("身份证号码中的出生日期不正确", "The birth date in the ID number is not right"),
    "id_number_check_digit": (
        "身份证号码有误，请逐位核对",
        "The ID number holds a mistake; compare each character",
    ),
    "uscc_length": ("统一社会信用代码应为18位", "A unified social credit code has 18 characters"),
    "uscc_characters": (
        "统一社会信用代码只含数字和大写字母，不含I、O、S、V、Z",
        "A unified social credit code has digits and capitals, without I, O, S, V and Z",
    ),
    "uscc_check_digit": (
        "统一社会信用代码有误，请逐位核对",
        "The unified social credit code holds a mistake; compare each character",
    ),
    "bank_account_length": ("银行卡号应为13至19位", "A bank card number has 13 to 19 digits"),
    "bank_account_characters": ("银行卡号只能填写数字", "A bank card number has digits only"),
    "bank_account_check_digit": (
        "银行卡号有误，请逐位核对",
        "The bank card number holds a mistake; compare each digit",
    ),
}

_UNKNOWN = ("此项填写有误", "This is not right")


def field_message(error: FieldError, lang: str) -> str:
    """The sentence for one fault, without a full stop; `lang` is ``zh`` or ``en``."""
    chinese, english = FIELD_MESSAGES.get(error.code, _UNKNOWN)
    template = english if lang == "en" else chinese
    facts = {name: str(value) for name, value in error.facts.items()}
    return template.format_map(_Facts(facts))


class _Facts(dict[str, str]):
    """Facts for a sentence; one that is not given reads as a dash, so that no answer fails over its wording."""

    def __missing__(self, name: str) -> str:
        return "—"
