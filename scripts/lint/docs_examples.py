#!/usr/bin/env python3
"""The links of the documents lead somewhere, and the IR in them is real.

A comment in a document names a command and the lines of its output to show; the
block after it holds them:

    <!-- insert
    $ mqa-opt test/Examples/fused.mlir --mqa-stage-1-schedule=cpu=x86-64-v3
    /mqa.attention/,/-> tensor/
    -->

The command is mqa-opt or cat. Every further line is a regular expression, or two
for a range; each is looked for below the one before, and what lies between is
shown as `...`. Long lines are abridged: attributes, then lists of types. `each`
and an expression with groups shows the groups of every match, and nothing else.

--build=DIR: also runs the commands, which takes an mqa-opt in DIR/bin.
-f writes the blocks.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import pathlib
import re
import shlex
import sys
import textwrap

import common

WIDTH = 110
# Applied one after the other while a line is too long.
ABRIDGED = [
    (r" \{in_bounds = \[[^]]*\]\}", ""),
    (r"#mqa\.schedule<[^>]*>", "..."),
    (r"\{indexing_maps = [^}]*\}", "{...}"),
    (r" attrs = +\{", " attrs = {"),
    (r"!llvm\.struct<\(.*\)>", "!llvm.struct<...>"),
    (r"((?:ins|outs)\([^:()]*) : [^()]*\)", r"\1 : ...)"),
    (r"\((%\w+: )[^()]*\) attributes \{[^}]*\}", r"(\1...)"),
    (r" -> \(?(?:tensor|memref)<[^()=]*>\)?(?= mask| \{|$)", " -> ..."),
    (r" : (?:tensor|memref|vector)<[^{}]*$", " : ..."),
]
INSERT = re.compile(r"<!-- insert\n(.*?)-->\n(```\w*\n)(.*?)(```)", re.S)
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")


def abridge(line):
    """`line`, shortened if it is long."""
    for pattern, shorter in ABRIDGED:
        if len(line) <= WIDTH:
            break
        line = re.sub(pattern, shorter, line)
    return line


def select(lines, wanted):
    """The lines that the patterns of `wanted` choose, with `...` in gaps."""
    shown, at = [], 0
    for spec in wanted:
        if spec.startswith("each /"):
            found = re.findall(spec[6:-1], "\n".join(lines), re.S)
            if not found:
                raise ValueError(f"expected a match of {spec}, found none")
            width = max(len(groups[0]) for groups in found)
            return [f"{first:<{width}}  {'  '.join(rest)}" for first, *rest in found]
        patterns = re.findall(r"/((?:[^/\\]|\\.)+)/", spec)
        first = at
        for number, pattern in enumerate(patterns):
            while at < len(lines) and not re.search(pattern, lines[at]):
                at += 1
            if at == len(lines):
                raise ValueError(f"expected a line that matches {pattern}, found none")
            if number == 0:
                if shown and at > first:
                    indent = re.match(" *", lines[at])[0]
                    shown.append(indent + "...")
                first = at
            if number + 1 < len(patterns):
                at += 1
        shown += lines[first : at + 1]
        at += 1
    return [line.rstrip() for line in textwrap.dedent("\n".join(shown)).split("\n")]


def output(command, build):
    """The lines that `command` prints."""
    words = shlex.split(command.removeprefix("$ "))
    if words[0] == "cat":
        return (common.ROOT / words[1]).read_text().splitlines()
    if words[0] != "mqa-opt":
        raise ValueError(f"expected mqa-opt or cat, got {words[0]}")
    done = common.run(str(build / "bin/mqa-opt"), *words[1:])
    if done.returncode:
        raise ValueError(f"failed: {command}\n{done.stderr.strip()}")
    return done.stdout.splitlines()


def refresh(text, build):
    """`text` with fresh blocks, and what is wrong with its comments."""
    problems = []

    def replace(match):
        command, *wanted = match[1].strip().splitlines()
        try:
            lines = select(output(command, build), wanted)
        except (ValueError, OSError) as error:
            problems.append(str(error))
            return match[0]
        body = "\n".join(abridge(line) for line in lines)
        return f"<!-- insert\n{match[1]}-->\n{match[2]}{body}\n{match[4]}"

    return INSERT.sub(replace, text), problems


def anchors(path):
    """What a link may name in a document."""
    found = set()
    for title in re.findall(r"^#+ (.*)$", path.read_text(), re.M):
        kept = re.sub(r"[^\w\- ]", "", title.lower())
        found.add(kept.strip().replace(" ", "-"))
    return found


def dead_links(path, text):
    """Links of `text` to files and headings that are not there."""
    for link in LINK.findall(re.sub(r"```.*?```|`[^`\n]*`(?!\])", "", text, flags=re.S)):
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists():
            yield f"{common.rel(path)}: expected {link}, found no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{common.rel(path)}: expected {link}, found no such heading"


def main():
    fix, build = "-f" in sys.argv[1:], None
    for argument in sys.argv[1:]:
        if argument.startswith("--build="):
            build = (common.ROOT / argument.split("=", 1)[1]).resolve()
    if build and not (build / "bin/mqa-opt").exists():
        print(f"no mqa-opt in {build}/bin: the IR of the documents is not compared")
        build = None
    problems = []
    paths = [*common.ROOT.glob("*.md"), *common.files("docs", "python", suffixes=[".md"])]
    for path in sorted(pathlib.Path(p) for p in paths):
        text = path.read_text()
        if path.parent.name != "generated":
            problems += dead_links(path, text)
        if not build:
            continue
        fresh, wrong = refresh(text, build)
        problems += [f"{common.rel(path)}: {problem}" for problem in wrong]
        if fresh != text and fix:
            path.write_text(fresh)
        elif fresh != text:
            problems.append(f"{common.rel(path)}: its IR is not what mqa-opt prints")
    common.finish("docs examples", problems,
                  fix="scripts/lint/docs_examples.py -f --build=build, or correct the link")


main()
