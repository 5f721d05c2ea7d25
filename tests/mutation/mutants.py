# SPDX-License-Identifier: Apache-2.0
"""Finds what can be changed in a C++ source: constants, relations, conditions, statements, arguments."""
import re

RELATIONS = {"<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="]}
SWAPS = {"&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "+=": ["-="], "|=": ["&="], "&": ["|"], "|": ["&"],
         "<<": [">>"], ">>": ["<<"]}
# clang-format puts spaces around binary operators and none around template brackets.
OPERATOR = re.compile(r"(?<=\s)(<=|>=|==|!=|&&|\|\||\+=|\|=|<<|>>|<|>|\+|-|&|\|)(?=\s)")
NUMBER = re.compile(r"(?<![\w.])(0x[0-9A-Fa-f]+|\d+)(?=[uU]?[lL]*\b)(?!\.\d)")
WORD_SWAPS = {"true": "false", "false": "true", "std::max": "std::min", "std::min": "std::max", "++": "--", "--": "++"}
WORDS = re.compile(r"\b(true|false)\b|std::(?:max|min)(?=[(<])|\+\+|--")
STATEMENT = re.compile(r"(?:\*|\+\+|--)?[A-Za-z_][\w:]*(?:\.|->|\(|\[| [-+|&*/]?= |\+\+|--)|(?:break|continue|return);")
CONDITION = re.compile(r"\b(if|while) \(")
# Where the order of the first two says nothing.
SYMMETRIC = ("min(", "max(", "crypto_verify_16(", "DigestsEqual(")
CALL = re.compile(r"\b[A-Za-z_]\w*\(")


class Mutant:
    def __init__(self, path, text, begin, end, replacement, kind):
        self.path, self.begin, self.end, self.replacement, self.kind = path, begin, end, replacement, kind
        self.line = text.count("\n", 0, begin) + 1
        first, last = text.rfind("\n", 0, begin) + 1, text.find("\n", end)
        self.before = " ".join(text[first:last].split())
        self.after = " ".join((text[first:begin] + replacement + text[end:last]).split())

    def apply(self, text):
        return text[: self.begin] + self.replacement + text[self.end:]

    @property
    def key(self):
        """Stays the same when lines are added above."""
        return f"{self.path}: {self.before} => {self.after}"


def mask(text):
    """The same text with comments, literals, attributes of the compiler and includes blanked, place for place."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|^#[^\n]*|static_assert\([^;]*;'
    return re.sub(pattern, blank, text, flags=re.S | re.M)


def closing(code, opening):
    """Where the bracket at `opening` is closed."""
    depth = 0
    for i in range(opening, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    return len(code) - 1


def split(code, begin, end, separator):
    """The spans between separators that stand in no bracket."""
    spans, depth, start = [], 0, begin
    for i in range(begin, end):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0 and code[i] == separator:
            spans.append((start, i))
            start = i + 1
    return spans + [(start, end)]


def statements(code):
    """Spans of expression statements and of guards that return, each up to its semicolon."""
    for match in re.finditer(r"(?<=[;{}:)])\s+(?=\S)|(?<=\belse) ", code):
        begin = match.end()
        guard = code.startswith("if (", begin)
        if guard:
            after = closing(code, begin + 3) + 1
            if not re.match(r"\s+return\b", code[after:]):
                continue
        elif not STATEMENT.match(code, begin):
            continue
        depth = 0
        for i in range(begin, len(code)):
            depth += (code[i] in "([{") - (code[i] in ")]}")
            if depth < 0 or (code[i] == "{" and depth == 1 and re.search(r"\)[\w\s]*$", code[begin:i])):
                break  # a function or a block, not a statement
            if depth == 0 and code[i] == ";":
                yield begin, i
                break


def find(path, text):
    code = mask(text)
    make = lambda begin, end, new, kind: Mutant(path, text, begin, end, new, kind)
    for m in OPERATOR.finditer(code):
        for new in RELATIONS.get(m.group(), []):
            yield make(m.start(), m.end(), new, "relation")
        for new in SWAPS.get(m.group(), []):
            yield make(m.start(), m.end(), new, "operator")
    for m in NUMBER.finditer(code):
        for step in ("+", "-"):
            yield make(m.start(), m.end(), f"({m.group()} {step} 1)", "constant")
    for m in WORDS.finditer(code):
        yield make(m.start(), m.end(), WORD_SWAPS[m.group()], "operator")
    for m in CONDITION.finditer(code):
        end = closing(code, m.end() - 1)
        begin = split(code, m.end(), end, ";")[-1][0]
        yield make(begin, end, f" !({text[begin:end].strip()})", "negated condition")
    for begin, end in statements(code):
        yield make(begin, end, "", "removed statement")
    for m in CALL.finditer(code):
        if m.group() in SYMMETRIC + ("if(", "while(", "for(", "switch(", "return(", "sizeof("):
            continue
        spans = split(code, m.end(), closing(code, m.end() - 1), ",")
        for (a, b), (c, d) in zip(spans, spans[1:]):
            left, right = text[a:b].strip(), text[c:d].strip()
            declares = any(re.match(r"^(const )?[\w:<>]+[&*]* [&*]*\w+( = .*)?$", side) for side in (left, right))
            if left != right and not declares:
                yield make(a, d, f"{right}, {left}", "swapped arguments")
