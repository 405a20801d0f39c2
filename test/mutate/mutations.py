# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ways to spoil an IR text. Each takes a generator and a text."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Callable

TOKEN = re.compile(r"[%#@!^]?[\w.$]+|\"[^\"\n]*\"|->|\s+|.", re.DOTALL)
NUMBER = re.compile(r"(?<![\w%#@^.])-?\d+(?:\.\d+)?|(?<=x)\d+(?=x)|(?<=<)\d+")
TYPE = re.compile(r"\b(?:f16|bf16|f32|f64|i1|i8|i32|i64|index)\b|\?")
NUMBERS = (
    *("0", "1", "-1", "2", "3", "7", "16", "64", "65", "4096"),
    *("2147483648", "9223372036854775807", "9223372036854775808"),
    *("1" + "0" * 30, "0.0", "1.5", "-1.0e30", "0x7FC00000", "0xFF800000"),
)
TYPES = (
    *("f16", "bf16", "f32", "f64", "i1", "i4", "i8", "i32", "i64", "i128"),
    *("index", "none", "f8E4M3FN", "complex<f32>", "tensor<4xf32>", "?", "0"),
    *("vector<4xf32>", "memref<4xf32>", "tensor<f32>", "tensor<*xf32>"),
)
OPENING = {"{": "}", "(": ")", "<": ">", "[": "]"}

Mutation = Callable[[random.Random, str, Sequence[str]], str]


def _words(text: str) -> tuple[list[str], list[int]]:
    """All tokens, and the places of those that are not white space."""
    tokens = TOKEN.findall(text)
    return tokens, [i for i, x in enumerate(tokens) if not x.isspace()]


def delete_token(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Drops a token."""
    tokens, places = _words(text)
    del tokens[rng.choice(places)]
    return "".join(tokens)


def duplicate_token(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Writes a token twice."""
    tokens, places = _words(text)
    place = rng.choice(places)
    tokens.insert(place, tokens[place] + rng.choice(("", " ", ", ")))
    return "".join(tokens)


def swap_tokens(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Exchanges two tokens."""
    tokens, places = _words(text)
    a, b = rng.choice(places), rng.choice(places)
    tokens[a], tokens[b] = tokens[b], tokens[a]
    return "".join(tokens)


def replace_token(rng: random.Random, text: str, words: Sequence[str]) -> str:
    """Replaces a token by one of the corpus, of the same kind if possible."""
    tokens, places = _words(text)
    place = rng.choice(places)
    first = tokens[place][0]
    same = [x for x in words if x[0] == first]
    tokens[place] = rng.choice(same if same and rng.random() < 0.7 else words)
    return "".join(tokens)


def _substitute(
    rng: random.Random, text: str, pattern: re.Pattern, new: Sequence[str]
) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    hit = rng.choice(found)
    return text[: hit.start()] + rng.choice(new) + text[hit.end() :]


def change_number(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Changes a number or a size."""
    return _substitute(rng, text, NUMBER, NUMBERS)


def change_type(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Changes an element type, or a dynamic size."""
    return _substitute(rng, text, TYPE, TYPES)


def change_shaped(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Makes a tensor a memref, or the other way round."""
    kinds = ("tensor", "memref", "vector")
    return _substitute(rng, text, re.compile(r"\b(tensor|memref)\b"), kinds)


def _groups(text: str) -> list[tuple[int, int]]:
    """Ranges of balanced brackets, brackets included."""
    stack, found = [], []
    for place, letter in enumerate(text):
        if letter in OPENING:
            stack.append(place)
        elif stack and letter == OPENING[text[stack[-1]]]:
            if not (letter == ">" and text[place - 1] == "-"):
                found.append((stack.pop(), place + 1))
    return found


def delete_group(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Drops a region, attribute dictionary, list or type, or its inside."""
    groups = _groups(text)
    if not groups:
        return text
    begin, end = rng.choice(groups)
    inside = rng.randrange(2)
    return text[: begin + inside] + text[end - inside :]


def duplicate_group(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Writes a bracketed group a second time, there or elsewhere."""
    groups = _groups(text)
    if not groups:
        return text
    begin, end = rng.choice(groups)
    place = rng.choice((end, rng.choice(groups)[1]))
    return text[:place] + " " + text[begin:end] + text[place:]


def swap_groups(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Exchanges two bracketed groups."""
    groups = _groups(text)
    if not groups:
        return text
    first, second = sorted((rng.choice(groups), rng.choice(groups)))
    if first[1] > second[0]:
        return text
    a, b = text[slice(*first)], text[slice(*second)]
    middle = text[first[1] : second[0]]
    return text[: first[0]] + b + middle + a + text[second[1] :]


def change_lines(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Drops, repeats or exchanges lines."""
    lines = text.split("\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        del lines[a]
    elif kind == 1:
        lines.insert(b, lines[a])
    else:
        lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines)


def flip_byte(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Changes, drops or adds a byte."""
    data = bytearray(text.encode("utf-8", "surrogateescape"))
    place = rng.randrange(len(data) or 1)
    kind = rng.randrange(3)
    if kind == 0 and data:
        data[place] ^= 1 << rng.randrange(8)
    elif kind == 1 and data:
        del data[place]
    else:
        data.insert(place, rng.randrange(256))
    return data.decode("utf-8", "surrogateescape")


def cut(rng: random.Random, text: str, _: Sequence[str]) -> str:
    """Ends the text early."""
    return text[: rng.randrange(len(text) or 1)]


MUTATIONS: tuple[Mutation, ...] = (
    *(delete_token, duplicate_token, swap_tokens, replace_token),
    *(change_number, change_number, change_type, change_type, change_shaped),
    *(delete_group, duplicate_group, swap_groups, change_lines),
    *(flip_byte, cut),
)


def mutate(rng: random.Random, text: str, words: Sequence[str]) -> str:
    """Applies a few mutations; `words` are tokens to draw from."""
    for _ in range(rng.choices((1, 2, 3, 6), (6, 3, 2, 1))[0]):
        if text.strip():
            text = rng.choice(MUTATIONS)(rng, text, words)
    return text
