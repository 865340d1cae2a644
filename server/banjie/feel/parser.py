"""From text to tree, by recursive descent, with the names in scope deciding what is one name.

Names that are not one identifier are found by longest match among those declared by the caller, bound in the
expression so far, and built in. Words beside each other that no declared name explains are joined into one name, which
is then unknown when the expression runs: `employees[first name = "x"]` needs no declaration.
Source: DMN 1.5, 10.3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import contextmanager
from decimal import Overflow
from typing import TYPE_CHECKING, NoReturn, TypeVar

from banjie.feel import ast
from banjie.feel.catalogue import BUILT_IN_NAMES, MEMBER_NAMES, TYPE_NAMES
from banjie.feel.diagnostics import FeelSyntaxError
from banjie.feel.lexer import Token, next_token
from banjie.feel.limits import SOURCE_CHARACTERS, SOURCE_DEPTH
from banjie.feel.names import RESERVED, NameTable, canonical
from banjie.feel.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator as Iterating

    from banjie.feel.types import FeelType

_Tree = TypeVar("_Tree", bound=ast.Node)

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_LOWEST, _COMPARISON, _SUM = 1, 3, 4
_LEVELS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys([*COMPARISONS, "between", "in"], 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 6,
}
_SIGNS = 8
_BUILT_IN = NameTable(BUILT_IN_NAMES)
_MEMBERS = NameTable(MEMBER_NAMES)
_TYPES = NameTable(TYPE_NAMES)
_CLOSERS = frozenset({")", "]", "}", ",", "..", ":", "=", "!=", "<", "<=", ">", ">=", "*", "/", "**", "->"})
_NOT_AN_OPERAND = RESERVED - {"if", "for", "some", "every", "function", "true", "false", "null"}
_NAME_SYMBOLS = frozenset({".", "/", "-", "+", "*", "**", "'", "’"})


def parse_expression(
    text: str,
    *,
    names: Collection[str] = (),
    types: Mapping[str, FeelType] | None = None,
    type_names: Collection[str] = (),
) -> ast.Node:
    """The tree of an expression. Raises FeelSyntaxError."""
    try:
        parser = _Parser(text, names, types or {}, type_names)
        return parser.whole(parser.expression)
    except RecursionError:
        raise _too_deep(text) from None


def parse_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    types: Mapping[str, FeelType] | None = None,
    type_names: Collection[str] = (),
) -> ast.Tests:
    """The tree of an input cell: `-`, `not(…)`, or tests with commas between. Raises FeelSyntaxError."""
    try:
        return _parse_tests(text, names, types or {}, type_names)
    except RecursionError:
        raise _too_deep(text) from None


def _too_deep(text: str) -> FeelSyntaxError:
    return FeelSyntaxError(
        text=text, offset=0, expected="less nesting", expected_zh="更浅的嵌套", found=text[:20]
    )


def _parse_tests(
    text: str, names: Collection[str], types: Mapping[str, FeelType], type_names: Collection[str]
) -> ast.Tests:
    parser = _Parser(text, names, types, type_names)
    if parser.token.text == "-" and parser.after().kind == "end":
        return ast.Tests(tests=(), offset=parser.token.start)
    if parser.token.text == "not" and parser.after().text == "(":
        try:
            return parser.whole(parser.negated_tests)
        except FeelSyntaxError:
            parser = _Parser(text, names, types, type_names)
    start = parser.token.start
    return ast.Tests(tests=parser.whole_tests(), offset=start)


class _Parser:
    """One pass over one text. Methods named like grammar rules parse from the current token."""

    def __init__(
        self, text: str, names: Collection[str], types: Mapping[str, FeelType], type_names: Collection[str]
    ) -> None:
        self.text = text
        if len(text) > SOURCE_CHARACTERS:
            self.refuse_at(0, f"at most {SOURCE_CHARACTERS} characters", f"不超过{SOURCE_CHARACTERS}个字符")
        members = [name for type_ in types.values() for name in type_.member_names()]
        self.declared = NameTable(names)
        for name in types:
            self.declared.add(canonical(name))
        self.members = NameTable([*members, *names])
        self.type_names = NameTable(type_names)
        self.scopes: list[NameTable] = []
        self.filters = 0
        self.depth = 0
        self.tests_allowed_at = -1
        self.range_end = False
        self.token = next_token(text, 0)

    # Tokens

    def after(self) -> Token:
        return next_token(self.text, self.token.end)

    def advance(self, end: int | None = None) -> Token:
        """The current token; the next one becomes current."""
        token = self.token
        self.token = next_token(self.text, token.end if end is None else end)
        return token

    def at(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind in ("operator", "name")

    def take(self, text: str) -> bool:
        if self.at(text):
            self.advance()
            return True
        return False

    def need(self, text: str) -> Token:
        if not self.at(text):
            self.refuse(f"'{text}'", f"“{text}”")
        return self.advance()

    def refuse(self, expected: str, expected_zh: str) -> NoReturn:
        self.refuse_at(self.token.start, expected, expected_zh)

    def refuse_at(self, offset: int, expected: str, expected_zh: str) -> NoReturn:
        raise FeelSyntaxError(
            text=self.text,
            offset=offset,
            expected=expected,
            expected_zh=expected_zh,
            found=self.text[offset : offset + 20].split("\n")[0],
        )

    @contextmanager
    def nested(self) -> Iterating[None]:
        self.depth += 1
        if self.depth > SOURCE_DEPTH:
            self.refuse(f"at most {SOURCE_DEPTH} levels of nesting", f"嵌套不超过{SOURCE_DEPTH}层")
        range_end, self.range_end = self.range_end, False
        yield
        self.range_end = range_end
        self.depth -= 1

    @contextmanager
    def scope(self, *names: str) -> Iterating[NameTable]:
        table = NameTable(names)
        self.scopes.append(table)
        yield table
        self.scopes.pop()

    # Rules

    def whole(self, rule: Callable[[], _Tree]) -> _Tree:
        node = rule()
        if self.token.kind != "end":
            self.refuse("an operator or the end", "运算符或结尾")
        return node

    def whole_tests(self) -> tuple[ast.Node, ...]:
        tests = self.tests()
        if self.token.kind != "end":
            self.refuse("',', an operator or the end", "“,”、运算符或结尾")
        return tests

    def tests(self) -> tuple[ast.Node, ...]:
        tests = [self.test()]
        while self.take(","):
            tests.append(self.test())
        return tuple(tests)

    def negated_tests(self) -> ast.Tests:
        start = self.advance().start
        self.need("(")
        with self.nested():
            tests = self.tests()
        self.need(")")
        return ast.Tests(tests=tests, negated=True, offset=start)

    def test(self) -> ast.Node:
        """A positive unary test: a comparison without its left side, or an expression."""
        if self.token.kind == "operator" and self.token.text in COMPARISONS:
            return self.comparison_test()
        return self.expression()

    def comparison_test(self) -> ast.Comparison:
        token = self.advance()
        return ast.Comparison(operator=token.text, operand=self.operators(_SUM), offset=token.start)

    def expression(self) -> ast.Node:
        return self.operators(_LOWEST)

    def operators(self, lowest: int) -> ast.Node:
        """Operands and the operators that bind at least as tightly as `lowest`; one level makes one flat node."""
        start = self.token.start
        left = self.operand()
        while True:
            level = _LEVELS.get(self.token.text, 0) if self.token.kind in ("operator", "name") else 0
            if level < lowest:
                return left
            if isinstance(left, ast.Tests):
                self.refuse_at(start, "an expression", "表达式")
            left = self.comparison(left, start) if level == _COMPARISON else self.chain(left, start, level)

    def chain(self, first: ast.Node, start: int, level: int) -> ast.Node:
        rest: list[tuple[str, ast.Node]] = []
        while self.token.kind in ("operator", "name") and _LEVELS.get(self.token.text) == level:
            operator = self.advance().text
            rest.append((operator, self.operators(level + 1)))
        if rest[0][0] == "or":
            return ast.Or(operands=(first, *(operand for _, operand in rest)), offset=start)
        if rest[0][0] == "and":
            return ast.And(operands=(first, *(operand for _, operand in rest)), offset=start)
        return ast.Chain(first=first, rest=tuple(rest), offset=start)

    def comparison(self, left: ast.Node, start: int) -> ast.Node:
        operator = self.advance().text
        if operator == "between":
            low = self.operators(_SUM)
            self.need("and")
            return ast.Between(value=left, low=low, high=self.operators(_SUM), offset=start)
        if operator == "in":
            return ast.In(value=left, tests=self.in_tests(), offset=start)
        return ast.Compare(operator=operator, left=left, right=self.operators(_SUM), offset=start)

    def in_tests(self) -> tuple[ast.Node, ...]:
        if self.token.kind == "operator" and self.token.text in COMPARISONS:
            return (self.comparison_test(),)
        if self.at("("):
            self.tests_allowed_at = self.token.start
        node = self.operators(_SUM)
        return node.tests if isinstance(node, ast.Tests) else (node,)

    def operand(self) -> ast.Node:
        """A sign, a path with filters and calls, and `instance of`, in the order of their binding."""
        signs = []
        while self.at("-"):
            signs.append(self.advance().start)
        if len(signs) > _SIGNS:
            self.refuse_at(signs[0], f"at most {_SIGNS} signs", f"负号不超过{_SIGNS}个")
        node = self.postfix()
        while self.at("instance"):
            self.advance()
            self.need("of")
            node = ast.InstanceOf(value=node, type=self.type(), offset=node.offset)
        for start in reversed(signs):
            node = ast.Negate(operand=node, offset=start)
        return node

    def postfix(self) -> ast.Node:
        node = self.primary()
        if isinstance(node, ast.Tests):
            return node
        steps = 0
        while self.token.kind == "operator":
            if self.token.text == ".":
                self.advance()
                node = ast.Path(base=node, member=self.member(), offset=node.offset)
            elif self.token.text == "[" and not (self.range_end and self.closes_range()):
                node = self.filter(node)
            elif self.token.text == "(":
                node = self.call(node)
            else:
                break
            steps += 1
            if steps > SOURCE_DEPTH:
                self.refuse(f"at most {SOURCE_DEPTH} steps of a path", f"路径不超过{SOURCE_DEPTH}步")
        return node

    def closes_range(self) -> bool:
        """Whether `[` after the end of a range closes it, as in `]1..2[`, and does not begin a filter."""
        following = self.after()
        if following.kind == "end":
            return True
        if following.kind == "name":
            return following.text in _NOT_AN_OPERAND
        return following.kind == "operator" and (following.text in _CLOSERS or following.text in ("+", "."))

    def filter(self, base: ast.Node) -> ast.Filter:
        self.need("[")
        self.filters += 1
        with self.nested(), self.scope("item"):
            condition = self.expression()
        self.filters -= 1
        self.need("]")
        return ast.Filter(base=base, condition=condition, offset=base.offset)

    def call(self, function: ast.Node) -> ast.Node:
        start = self.need("(").start
        if self.take(")"):
            return ast.Call(function=function, arguments=(), offset=function.offset)
        with self.nested():
            if self.parameter_name_ahead() is not None:
                node: ast.Node = self.named_arguments(function)
            else:
                arguments = [self.expression()]
                while self.take(","):
                    arguments.append(self.expression())
                node = ast.Call(function=function, arguments=tuple(arguments), offset=function.offset)
        if not self.at(")"):
            self.refuse(f"',' or ')' for '(' at {start + 1}", f"“,”或“)”（“(”在第{start + 1}字符）")
        self.advance()
        return node

    def named_arguments(self, function: ast.Node) -> ast.NamedCall:
        arguments: list[tuple[str, ast.Node]] = []
        while True:
            name, end = self.parameter_name_ahead() or self.refuse("a parameter's name", "参数名")
            if any(other == name for other, _ in arguments):
                self.refuse("each parameter once", "参数不得重复")
            self.advance(end)
            arguments.append((name, self.expression()))
            if not self.take(","):
                return ast.NamedCall(function=function, arguments=tuple(arguments), offset=function.offset)

    def parameter_name_ahead(self) -> tuple[str, int] | None:
        """The name before a colon that begins here, and where the colon ends; None when there is no such name."""
        token = self.token
        if token.kind != "name":
            return None
        start = end = token.start
        while token.kind in ("name", "number") or (token.kind == "operator" and token.text in _NAME_SYMBOLS):
            end = token.end
            token = next_token(self.text, end)
        if token.text == ":" and token.kind == "operator":
            return canonical(self.text[start:end]), token.end
        return None

    def primary(self) -> ast.Node:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "string":
            self.advance()
            return ast.Text(value=token.text, offset=token.start)
        if token.kind == "name":
            return self.word()
        if token.kind == "operator":
            match token.text:
                case "(":
                    return self.bracketed()
                case "[" | "]":
                    return self.list_or_range()
                case "{":
                    return self.context()
                case "@":
                    return self.at_literal()
        return self.refuse("an expression", "表达式")

    def number(self) -> ast.Number:
        token = self.advance()
        try:
            value = NUMBERS.create_decimal(token.text)
        except Overflow:
            self.refuse_at(token.start, "a number of at most 34 digits and exponent 6144", "有效范围内的数字")
        return ast.Number(value=value, offset=token.start)

    def at_literal(self) -> ast.AtLiteral:
        start = self.advance().start
        if self.token.kind != "string":
            self.refuse("a string", "字符串")
        return ast.AtLiteral(text=self.advance().text, offset=start)

    def word(self) -> ast.Node:
        """What begins with a word: a name, a literal, or one of if, for, some, every, function."""
        token = self.token
        known = self.known_name()
        if known is not None:
            name, end = known
            self.advance(end)
            return ast.Name(name=name, offset=token.start)
        match token.text:
            case "true" | "false":
                self.advance()
                return ast.Boolean(value=token.text == "true", offset=token.start)
            case "null":
                self.advance()
                return ast.Null(offset=token.start)
            case "if":
                return self.conditional()
            case "for":
                return self.iteration()
            case "some" | "every":
                return self.quantified()
            case "function":
                return self.function_definition()
        if token.text in RESERVED:
            self.refuse("an expression", "表达式")
        return ast.Name(name=self.plain_name(), offset=token.start)

    def known_name(self) -> tuple[str, int] | None:
        """The longest name of several pieces that is in scope and stands here."""
        token = self.token
        best: tuple[str, int] | None = None
        tables = [*self.scopes, self.declared, _BUILT_IN]
        if self.filters:
            tables += [self.members, _MEMBERS]
        for table in tables:
            found = table.longest(self.text, token.start, token.text)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
        return best

    def plain_name(self) -> str:
        """One identifier, or several side by side where the first is no name that is known."""
        words = [self.advance().text]
        if words[0] in self.declared.plain or any(words[0] in scope.plain for scope in self.scopes):
            return words[0]
        while self.token.kind == "name" and self.token.text not in RESERVED:
            words.append(self.advance().text)
        return " ".join(words)

    def member(self) -> str:
        if self.token.kind != "name":
            self.refuse("a name", "名称")
        found = [
            table.longest(self.text, self.token.start, self.token.text)
            for table in (self.members, self.declared, *self.scopes, _MEMBERS)
        ]
        best = max((name for name in found if name is not None), key=lambda name: name[1], default=None)
        if best is not None:
            self.advance(best[1])
            return best[0]
        words = [self.advance().text]
        while self.token.kind == "name" and self.token.text not in RESERVED:
            words.append(self.advance().text)
        return " ".join(words)

    def bracketed(self) -> ast.Node:
        """`( … )`: an expression, a range `(1..2)` or `(< 5)`, or after `in` a list of tests."""
        start = self.token.start
        tests_allowed = self.tests_allowed_at == start
        self.need("(")
        with self.nested():
            node = self.test()
            if self.at(".."):
                return self.range_after(node, start, included=False)
            if self.at(",") and tests_allowed:
                tests = [node]
                while self.take(","):
                    tests.append(self.test())
                node = ast.Tests(tests=tuple(tests), offset=start)
        if not self.at(")"):
            self.refuse(f"')' for '(' at {start + 1}", f"与第{start + 1}字符“(”配对的“)”")
        self.advance()
        return node

    def list_or_range(self) -> ast.Node:
        token = self.advance()
        opens_range = token.text == "]"
        if self.at("]") and not opens_range:
            self.advance()
            return ast.ListLiteral(items=(), offset=token.start)
        with self.nested():
            items = [self.test() if not opens_range else self.expression()]
            if self.at("..") or opens_range:
                return self.range_after(items[0], token.start, included=not opens_range)
            while self.take(","):
                items.append(self.test())
        if not self.at("]"):
            self.refuse(f"',' or ']' for '[' at {token.start + 1}", f"与第{token.start + 1}字符“[”配对的“]”")
        self.advance()
        return ast.ListLiteral(items=tuple(items), offset=token.start)

    def range_after(self, low: ast.Node, start: int, *, included: bool) -> ast.RangeLiteral:
        self.need("..")
        self.range_end = True
        high = self.expression()
        self.range_end = False
        if not self.at(")", "]", "["):
            self.refuse("')', ']' or '[' at the end of a range", "区间结尾的“)”“]”或“[”")
        closer = self.advance().text
        return ast.RangeLiteral(
            start=low, end=high, start_included=included, end_included=closer == "]", offset=start
        )

    def context(self) -> ast.ContextLiteral:
        start = self.need("{").start
        entries: list[tuple[str, ast.Node]] = []
        keys: set[str] = set()
        with self.nested(), self.scope() as table:
            while not self.at("}"):
                key_start = self.token.start
                key = self.context_key()
                if key in keys:
                    self.refuse_at(key_start, "each key once", "键不得重复")
                keys.add(key)
                entries.append((key, self.expression()))
                table.add(canonical(key))
                self.members.add(canonical(key))
                if not self.take(","):
                    break
        if not self.at("}"):
            self.refuse("',' or '}'", "“,”或“}”")
        self.advance()
        return ast.ContextLiteral(entries=tuple(entries), offset=start)

    def context_key(self) -> str:
        """A key and its colon: a string, or a name in which operator characters are allowed."""
        if self.token.kind == "string":
            key = self.advance().text
            self.need(":")
            return key
        name = self.parameter_name_ahead()
        if name is None:
            self.refuse("a key and ':'", "键和“:”")
        self.advance(name[1])
        return name[0]

    def conditional(self) -> ast.If:
        start = self.need("if").start
        with self.nested():
            condition = self.expression()
            self.need("then")
            then = self.expression()
            self.need("else")
            otherwise = self.expression()
        return ast.If(condition=condition, then=then, otherwise=otherwise, offset=start)

    def iteration(self) -> ast.For:
        start = self.need("for").start
        with self.nested(), self.scope("partial") as table:
            iterators = self.iterators(table)
            self.need("return")
            body = self.expression()
        return ast.For(iterators=iterators, body=body, offset=start)

    def quantified(self) -> ast.Quantified:
        token = self.advance()
        with self.nested(), self.scope() as table:
            iterators = self.iterators(table)
            self.need("satisfies")
            condition = self.expression()
        return ast.Quantified(
            every=token.text == "every", iterators=iterators, condition=condition, offset=token.start
        )

    def iterators(self, table: NameTable) -> tuple[ast.Iterator, ...]:
        iterators = []
        while True:
            start = self.token.start
            name = self.variable_name()
            self.need("in")
            source = self.expression()
            end = self.expression() if self.take("..") else None
            iterators.append(ast.Iterator(name=name, source=source, end=end, offset=start))
            table.add(name)
            if not self.take(","):
                return tuple(iterators)

    def variable_name(self) -> str:
        """The name that an iterator binds: everything before the word `in`."""
        if self.token.kind != "name":
            self.refuse("a variable's name", "变量名")
        start = end = self.token.start
        while self.token.kind != "end" and not self.at("in"):
            if self.token.kind == "string":
                self.refuse("'in'", "“in”")
            end = self.advance().end
        return canonical(self.text[start:end])

    def function_definition(self) -> ast.FunctionDefinition:
        start = self.need("function").start
        self.need("(")
        parameters: list[ast.Parameter] = []
        while not self.at(")"):
            parameters.append(self.parameter())
            if not self.take(","):
                break
        self.need(")")
        external = self.take("external")
        with self.nested(), self.scope(*(parameter.name for parameter in parameters)):
            body = self.expression()
        return ast.FunctionDefinition(
            parameters=tuple(parameters), body=body, external=external, offset=start
        )

    def parameter(self) -> ast.Parameter:
        typed = self.parameter_name_ahead()
        if typed is not None:
            self.advance(typed[1])
            return ast.Parameter(name=typed[0], type=self.type())
        if self.token.kind != "name":
            self.refuse("a parameter's name", "参数名")
        start = end = self.token.start
        while self.token.kind != "end" and not self.at(",", ")"):
            end = self.advance().end
        return ast.Parameter(name=canonical(self.text[start:end]))

    def type(self) -> ast.TypeRef:
        if self.token.kind != "name":
            self.refuse("a type", "类型")
        with self.nested():
            match self.token.text:
                case "list" | "range" if self.after().text == "<":
                    name = self.advance().text
                    self.need("<")
                    element = self.type()
                    self.need(">")
                    return ast.TypeRef(name=name, parts=(("", element),))
                case "context" if self.after().text == "<":
                    return self.context_type()
                case "function" if self.after().text in ("<", "<>"):
                    return self.function_type()
            return ast.TypeRef(name=self.type_name())

    def type_name(self) -> str:
        found = [
            table.longest(self.text, self.token.start, self.token.text) for table in (self.type_names, _TYPES)
        ]
        best = max((name for name in found if name is not None), key=lambda name: name[1], default=None)
        if best is not None:
            self.advance(best[1])
            return best[0]
        name = self.advance().text
        while True:
            if self.at(".") and self.after().kind == "name":
                self.advance()
                name += "." + self.advance().text
            elif self.token.kind == "name" and self.token.text not in RESERVED:
                name += " " + self.advance().text
            else:
                return name

    def context_type(self) -> ast.TypeRef:
        self.advance()
        self.need("<")
        members: list[tuple[str, ast.TypeRef]] = []
        while not self.at(">"):
            members.append((self.context_key(), self.type()))
            if not self.take(","):
                break
        self.need(">")
        return ast.TypeRef(name="context", parts=tuple(members))

    def function_type(self) -> ast.TypeRef:
        self.advance()
        self.need("<")
        parameters: list[tuple[str, ast.TypeRef]] = []
        while not self.at(">"):
            parameters.append(("", self.type()))
            if not self.take(","):
                break
        self.need(">")
        self.need("->")
        return ast.TypeRef(name="function", parts=tuple(parameters), result=self.type())
