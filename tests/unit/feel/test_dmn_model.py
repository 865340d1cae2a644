"""Evaluating models: boxed expressions, requirements, types, imports, services."""

from __future__ import annotations

import pytest

from banjie.feel.dmn_errors import DmnError
from banjie.feel.limits import Limits
from banjie.feel.model import Model, load_model
from support.dmn_files import decision, input_data, literal, model, table


def _value(expression: str) -> object:
    return load_model(model(decision("d", expression))).evaluate_decision("d", {}).python


def test_chinese_names_and_names_with_spaces_are_read() -> None:
    loaded = load_model(
        model(
            input_data("申请金额", "number"),
            input_data("monthly fee", "number"),
            decision("总额", literal("申请金额 + monthly fee"), inputs=["申请金额", "monthly fee"]),
        )
    )

    assert loaded.evaluate_decision("总额", {"申请金额": 300, "monthly fee": 2}).python == 302


def _loop(kind: str, source: str, body: str) -> str:
    inner = "return" if kind == "for" else "satisfies"
    return (
        f'<{kind} iteratorVariable="x"><in>{literal(source)}</in><{inner}>{literal(body)}</{inner}></{kind}>'
    )


def _filter(source: str, match: str) -> str:
    return f"<filter><in>{literal(source)}</in><match>{literal(match)}</match></filter>"


def _if(condition: str) -> str:
    then, otherwise = literal("1"), literal("2")
    return (
        f"<conditional><if>{literal(condition)}</if><then>{then}</then><else>{otherwise}</else></conditional>"
    )


def _context(*entries: tuple[str, str]) -> str:
    """Entries of name and expression; the nameless one is the result."""
    text = ""
    for name, expression in entries:
        variable = f'<variable name="{name}"/>' if name else ""
        text += f"<contextEntry>{variable}{expression}</contextEntry>"
    return f"<context>{text}</context>"


def _invocation(function: str, parameter: str, argument: str) -> str:
    binding = f'<binding><parameter name="{parameter}"/>{literal(argument)}</binding>'
    return f"<invocation>{literal(function)}{binding}</invocation>"


_RELATION = (
    '<relation><column name="甲"/><column name="乙"/>'
    f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('4')}</row></relation>"
)
_DOUBLE = (
    '<functionDefinition><formalParameter name="x" typeRef="number"/>'
    + literal("x * 2")
    + "</functionDefinition>"
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"<list>{literal('1')}{literal('1 + 1')}</list>", [1, 2]),
        (_RELATION, [{"甲": 1, "乙": 2}, {"甲": 3, "乙": 4}]),
        (_context(("本金", literal("100")), ("利息", literal("本金 * 0.05"))), {"本金": 100, "利息": 5}),
        (_context(("a b", literal("2")), ("", literal("a b * 3"))), 6),
        (_context(("in ner", _context(("x-y", literal("2")))), ("", literal("in ner.x-y * 3"))), 6),
        (_if("1 < 2"), 1),
        (_if("null"), 2),
        (_filter("[1,2,3]", "item > 1"), [2, 3]),
        (_filter("[{a: 1}, {a: 5}]", "a > 1"), [{"a": 5}]),
        (_filter("[1]", "5"), None),
        (_loop("for", "[1..3]", "x * x"), [1, 4, 9]),
        (_loop("for", "[1,2,3]", "count(partial)"), [0, 1, 2]),
        (_loop("some", "[1,2]", "x > 1"), True),
        (_loop("every", "[1,2]", "x > 1"), False),
        (_context(("翻倍", _DOUBLE), ("", _invocation("翻倍", "x", "21"))), 42),
        (_invocation("max", "list", "[1,9]"), 9),
        ("", None),
    ],
)
def test_boxed_expressions(expression: str, expected: object) -> None:
    assert _value(expression) == expected


def test_what_a_loop_makes_of_partial_does_not_grow_afterwards() -> None:
    loop = (
        f'<for iteratorVariable="x"><in>{literal("[1,2,3]")}</in><return>{literal("partial")}</return></for>'
    )

    assert _value(loop) == [[], [[]], [[], [[]]]]


def test_only_required_names_are_in_scope() -> None:
    loaded = load_model(model(input_data("a"), decision("d", literal("a"))))

    result = loaded.evaluate_decision("d", {"a": 1})

    assert result.value is None
    assert 'decision "d"' in str(result.diagnostics[0])


def test_names_that_no_element_has_are_taken_from_the_inputs() -> None:
    text = table([("季节", "string")], ["菜"], [(['"冬"'], ['"羊肉"'])])
    loaded = load_model(model(decision("菜", text), decision("d", literal("菜 + 后缀"), decisions=["菜"])))

    assert loaded.evaluate_decision("d", {"季节": "冬", "后缀": "汤"}).python == "羊肉汤"
    assert loaded.free_names("d") == {"季节", "后缀"}


def test_an_input_of_the_wrong_type_is_null_with_a_reason() -> None:
    loaded = load_model(model(input_data("a", "number"), decision("d", literal("a = null"), inputs=["a"])))

    result = loaded.evaluate_decision("d", {"a": "一"})

    assert result.value is True
    assert [one.code for one in result.diagnostics] == ["type"]
    assert 'input data "a"' in result.diagnostics[0].message


def test_a_result_of_the_wrong_type_is_null_with_a_reason() -> None:
    loaded = load_model(model(decision("d", literal('"一"'), type_ref="number")))

    result = loaded.evaluate_decision("d", {})

    assert (result.value, [one.code for one in result.diagnostics]) == (None, ["type"])


@pytest.mark.parametrize(
    ("definition", "value", "expected"),
    [
        ('<typeRef>string</typeRef><allowedValues><text>"甲","乙"</text></allowedValues>', "甲", "甲"),
        ('<typeRef>string</typeRef><allowedValues><text>"甲","乙"</text></allowedValues>', "丙", None),
        ("<typeRef>number</typeRef><allowedValues><text>[1..10]</text></allowedValues>", 11, None),
        ("<typeRef>number</typeRef>", [5], 5),
        ('<itemComponent name="年"><typeRef>number</typeRef></itemComponent>', {"年": 3}, {"年": 3}),
        ('<itemComponent name="年"><typeRef>number</typeRef></itemComponent>', {"年": "三"}, None),
        (
            '<itemComponent name="子"><typeRef>tType</typeRef></itemComponent>',
            {"子": {"子": 1}},
            {"子": {"子": 1}},
        ),
    ],
)
def test_item_definitions_check_inputs(definition: str, value: object, expected: object) -> None:
    types = f'<itemDefinition name="tType">{definition}</itemDefinition>'
    loaded = load_model(model(types, input_data("a", "tType"), decision("d", literal("a"), inputs=["a"])))

    assert loaded.evaluate_decision("d", {"a": value}).python == expected


@pytest.mark.parametrize(
    ("value", "expected"), [([1, 2], [1, 2]), ([1, 99], None), (5, [5]), ([1, 2, 3, 4], None)]
)
def test_allowed_values_hold_for_members_and_type_constraints_for_the_whole(
    value: object, expected: object
) -> None:
    types = (
        '<itemDefinition name="tList" isCollection="true"><typeRef>number</typeRef>'
        "<allowedValues><text>&lt; 10</text></allowedValues>"
        "<typeConstraint><text>count(?) &lt; 4</text></typeConstraint></itemDefinition>"
    )
    loaded = load_model(model(types, input_data("a", "tList"), decision("d", literal("a"), inputs=["a"])))

    assert loaded.evaluate_decision("d", {"a": value}).python == expected


def test_an_unknown_type_is_a_problem_of_the_model() -> None:
    loaded = load_model(model(decision("d", literal("1"), type_ref="tNowhere")))

    assert [(one.code, "tNowhere" in one.message) for one in loaded.problems] == [("unknown_type", True)]
    assert loaded.evaluate_decision("d", {}).python == 1


def test_a_repeated_name_is_a_problem_of_the_model() -> None:
    second = decision("d", literal("2")).replace('id="d"', 'id="other"')
    loaded = load_model(model(decision("d", literal("1")), second))

    assert [(one.code, one.element) for one in loaded.problems] == [("repeated_name", 'decision "d" (other)')]
    assert (loaded.evaluate_decision("d", {}).python, loaded.evaluate_decision("other", {}).python) == (1, 2)


def test_a_text_that_is_not_feel_is_a_problem_and_its_decision_null() -> None:
    loaded = load_model(model(decision("坏", literal("1 +")), decision("好", literal("2"))))

    assert [(one.code, one.element, one.element_zh) for one in loaded.problems] == [
        ("syntax", 'decision "坏" (坏)', "决策“坏”（坏）")
    ]
    assert loaded.evaluate_decision("坏", {}).value is None
    assert loaded.evaluate_decision("坏", {}).diagnostics[0].code == "syntax"
    assert loaded.evaluate_decision("好", {}).python == 2


_FACTORIAL = (
    '<businessKnowledgeModel id="阶乘" name="阶乘"><variable name="阶乘"/><encapsulatedLogic>'
    '<formalParameter name="n" typeRef="number"/>' + literal("if n <= 1 then 1 else n * 阶乘(n - 1)")
    + "</encapsulatedLogic></businessKnowledgeModel>"
)  # fmt: skip


def test_business_knowledge_may_call_itself() -> None:
    loaded = load_model(model(_FACTORIAL, decision("d", literal("阶乘(10)"), knowledge=["阶乘"])))

    assert loaded.evaluate_decision("d", {}).python == 3628800
    assert loaded.evaluate_bkm("阶乘", {"n": 5}).python == 120


def test_an_argument_of_the_wrong_type_makes_the_call_null() -> None:
    loaded = load_model(model(_FACTORIAL, decision("d", literal('阶乘("十")'), knowledge=["阶乘"])))

    assert loaded.evaluate_decision("d", {}).value is None


def test_endless_recursion_ends_with_a_limit() -> None:
    endless = _FACTORIAL.replace("n &lt;= 1", "false")
    loaded = load_model(model(endless, decision("d", literal("阶乘(10)"), knowledge=["阶乘"])))

    result = loaded.evaluate_decision("d", {})

    assert (result.value, result.diagnostics[-1].code) == (None, "limit")


def test_lists_that_share_their_parts_are_not_walked_without_end() -> None:
    collection = '<itemDefinition name="t{}" isCollection="true"><typeRef>{}</typeRef></itemDefinition>'
    types = [collection.format(n, f"t{n - 1}" if n else "number") for n in range(40)]
    steps = [decision("d0", literal("[1, 1]"))]
    for n in range(1, 40):
        text = literal(f"[d{n - 1}, d{n - 1}]")
        steps.append(decision(f"d{n}", text, decisions=[f"d{n - 1}"], type_ref=f"t{n}"))
    asked = table([("d39", "")], ["o"], [(["-"], ["1"])])
    loaded = load_model(model(*types, *steps, decision("d", asked, decisions=["d39"])))

    result = loaded.evaluate_decision("d", {})

    assert (result.value, result.diagnostics[-1].code, result.receipts) == (None, "limit", ())


def test_the_step_limit_holds_for_the_whole_model() -> None:
    loop = literal("count(for i in 1..1000 return i)")
    loaded = load_model(
        model(decision("a", loop), decision("b", loop), decision("d", literal("a + b"), decisions=["a", "b"]))
    )

    assert loaded.evaluate_decision("d", {}, limits=Limits(steps=1500)).value is None
    assert loaded.evaluate_decision("d", {}).python == 2000


_SERVICE = (
    input_data("基数", "number"),
    decision("比例", literal("0.5")),
    decision("结果", literal("基数 * 比例"), inputs=["基数"], decisions=["比例"]),
    decision("说明", literal('"按比例"')),
    """<decisionService id="s" name="测算"><variable name="测算"/><outputDecision href="#结果"/>
    <inputDecision href="#比例"/><inputData href="#基数"/></decisionService>""",
    """<decisionService id="s2" name="双出"><outputDecision href="#结果"/><outputDecision href="#说明"/>
    <encapsulatedDecision href="#比例"/><inputData href="#基数"/></decisionService>""",
)


def test_a_service_takes_its_input_decisions_from_the_caller() -> None:
    loaded = load_model(model(*_SERVICE))

    assert loaded.evaluate_service("测算", {"基数": 100, "比例": 2}).python == 200
    assert loaded.evaluate_service("双出", {"基数": 100}).python == {"结果": 50, "说明": "按比例"}
    assert loaded.service_outputs("双出") == ("结果", "说明")


def test_a_service_is_called_with_input_data_before_input_decisions() -> None:
    called = decision("d", literal("[测算(10, 3), 测算(比例: 3, 基数: 10), 测算(1)]"), knowledge=["s"])

    assert load_model(model(*_SERVICE, called)).evaluate_decision("d", {}).python == [30, 30, None]


def _importing(alias: str) -> Model:
    library = model(
        """<itemDefinition name="tMoney"><typeRef>number</typeRef>
        <allowedValues><text>&gt;= 0</text></allowedValues></itemDefinition>""",
        input_data("额度", "tMoney"),
        decision("上限", literal("额度 * 2"), inputs=["额度"]),
        _FACTORIAL,
        namespace="urn:library",
    )
    prefix = f"{alias}." if alias else ""
    main = model(
        f'<import name="{alias}" namespace="urn:library" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        input_data("金额", f"{prefix}tMoney"),
        decision(
            "d", literal(f"[金额, {prefix}上限, {prefix}阶乘(3)]"),
            inputs=["金额"], decisions=["urn:library#上限"], knowledge=["urn:library#阶乘"],
        ),
    )  # fmt: skip
    return load_model(main, resolve_import=lambda wanted: ("library.dmn", library))


@pytest.mark.parametrize("alias", ["库", "my library", ""])
@pytest.mark.parametrize("given", [{"额度": 5}, {"{urn:library}额度": 5}])
def test_imported_elements_are_used_under_the_name_of_the_import(
    alias: str, given: dict[str, object]
) -> None:
    loaded = _importing(alias)

    assert loaded.evaluate_decision("d", {"金额": 1, **given}).python == [1, 10, 6]
    assert loaded.evaluate_decision("d", {"金额": -1, **given}).python == [None, 10, 6]


def test_inputs_of_a_decision_are_those_of_all_it_requires() -> None:
    needed = _importing("库").inputs_of("d")

    assert [(one.key, one.name, str(one.type)) for one in needed] == [
        ("{urn:library}额度", "额度", "tMoney"),
        ("金额", "金额", "tMoney"),
    ]


def test_tables_leave_receipts_in_the_order_in_which_they_decide() -> None:
    first = table(
        [("年龄", "number")],
        ["档"],
        [([">= 60"], ['"老"']), (["< 60"], ['"青"'])],
        notes=["第一条", "第二条"],
    )
    second = table([("档", "string")], ["额"], [(['"老"'], ["10"]), (['"青"'], ["20"])]).replace(
        'id="', 'id="second-'
    )
    loaded = load_model(
        model(
            input_data("年龄", "number"),
            decision("档", first, inputs=["年龄"]),
            decision("额", second, decisions=["档"]),
        )
    )

    result = loaded.evaluate_decision("额", {"年龄": 30})

    assert result.python == 20
    assert [(one.element, one.table) for one in result.receipts] == [
        ('decision "档" (档)', "table"),
        ('decision "额" (额)', "second-table"),
    ]
    matched = result.receipts[0].result.matched_rules
    assert [(rule.index, rule.id, dict(rule.annotations)) for rule in matched] == [
        (2, "r2", {"description": "第二条"})
    ]


def test_a_decision_without_logic_is_given_by_the_caller() -> None:
    loaded = load_model(
        model(
            decision("意见", "", type_ref="string"), decision("d", literal('意见 + "！"'), decisions=["意见"])
        )
    )

    assert loaded.evaluate_decision("d", {"意见": "同意"}).python == "同意！"
    assert loaded.evaluate_decision("d", {}).value is None


def test_foreign_functions_are_not_run() -> None:
    external = (
        '<context><contextEntry><variable name="f"/><functionDefinition kind="PMML"><context/></functionDefinition>'
        "</contextEntry><contextEntry>" + literal("f()") + "</contextEntry></context>"
    )
    loaded = load_model(model(decision("d", external)))

    result = loaded.evaluate_decision("d", {})

    assert (result.value, [one.code for one in result.diagnostics]) == (None, ["external"])


def test_an_unknown_decision_is_an_error_of_the_caller() -> None:
    with pytest.raises(DmnError, match="no decision"):
        load_model(model()).evaluate_decision("无", {})
