"""Runs what the README and the documentation show.

Each page runs in a new folder. Its ```python blocks share one namespace, in order; its ```console blocks whose first
command is `$ penchant ...` run by bash, each `$` line, in the same folder, and must exit with 0. A block directly
after `<!-- not run: reason -->` is left out.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = sorted(p for pattern in ("README*.md", "docs/**/*.md") for p in REPOSITORY.glob(pattern))
NOT_RUN = re.compile(r"<!--\s*not run:(?P<reason>.*?)-->\s*", re.DOTALL)
RUNS_PENCHANT = re.compile(r"(^|[|;&]\s*)penchant\b")
SECONDS_A_COMMAND = 60


@dataclass(frozen=True)
class Block:
    """A fenced block that is to be run: its language, its text, and the line of the page (from 1) where that starts."""

    language: str
    text: str
    line: int


class BrokenExample(Exception):
    """An example on a page does not do what it shows."""


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page that are to be run, in order.

    Raises:
        BrokenExample: a block is left out without a reason, or indented so that it would not be seen.
    """
    reason = None
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.map is None or token.nesting < 0:
            continue
        line = token.map[0] + 1
        if token.type == "html_block" and (match := NOT_RUN.fullmatch(token.content)):
            reason = match["reason"].strip()
            if not reason:
                raise BrokenExample(f"{page.name}:{line}: say why: <!-- not run: reason -->")
            continue
        if token.type == "code_block" and "```" in token.content:
            raise BrokenExample(f"{page.name}:{line}: a block indented by 4 is not run; indent it less")
        if token.type == "fence" and reason is None and is_run(token.info.strip(), token.content):
            yield Block(token.info.strip(), token.content, line + 1)
        reason = None


def is_run(language: str, text: str) -> bool:
    if language == "console":
        return bool(found := commands(text)) and RUNS_PENCHANT.search(found[0][1]) is not None
    return language == "python"


def commands(text: str, line: int = 1) -> list[tuple[int, str]]:
    """The `$` commands of a console block that starts at `line`, each with its line, continuation lines joined."""
    found: list[tuple[int, str]] = []
    goes_on = False
    for number, row in enumerate(text.splitlines(), line):
        if row.startswith("$ "):
            found.append((number, row[2:]))
        elif goes_on or (found and row.startswith("> ")):
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{row.removeprefix('> ')}")
        goes_on = bool(found) and row.endswith("\\")
    return found


def run_page(page: Path, folder: Path) -> int:
    """Runs a page's blocks in `folder`, which is empty and the working directory; returns how many.

    Raises:
        BrokenExample: one fails; the message names page and line.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    to_run = list(blocks(page))
    for block in to_run:
        if block.language == "console":
            for line, command in commands(block.text, block.line):
                run_command(page, line, command, folder)
        elif block.text.lstrip().startswith(">>>"):
            run_prompts(page, block, namespace)
        else:
            run_python(page, block, namespace)
    return len(to_run)


def run_python(page: Path, block: Block, namespace: dict[str, object]) -> None:
    # blank lines before it give tracebacks the page's own line numbers
    source = "\n" * (block.line - 1) + block.text
    try:
        exec(compile(source, str(page), "exec", dont_inherit=True), namespace)
    except Exception as error:
        frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(page)]
        line = error.lineno if isinstance(error, SyntaxError) else frames[0] if frames else block.line
        raise BrokenExample(f"{page.name}:{line}: {type(error).__name__}: {error}") from error


def run_prompts(page: Path, block: Block, namespace: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, namespace, page.name, str(page), block.line - 1)
    test.globs = namespace  # the parser copies it; names made here are for the blocks after, too
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append, clear_globs=False)
    if result.failed:
        raise BrokenExample(f"{page.name}:{block.line}: shows another output\n{''.join(report)}")


def run_command(page: Path, line: int, command: str, folder: Path) -> None:
    binaries = folder / ".bin"
    if not binaries.exists():  # `penchant` is this checkout's, installed or not
        binaries.mkdir()
        script = binaries / "penchant"
        script.write_text(f"#!{sys.executable}\nfrom penchant.cli import main\n\nmain()\n", encoding="utf-8")
        script.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY / "src"),
        "NO_COLOR": "1",
    }
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_A_COMMAND,
        )
    except subprocess.TimeoutExpired:
        raise BrokenExample(f"{page.name}:{line}: $ {command}\nran longer than {SECONDS_A_COMMAND} s") from None
    if done.returncode:
        printed = textwrap.indent(done.stdout + done.stderr, "  ")
        raise BrokenExample(f"{page.name}:{line}: $ {command}\nexit status {done.returncode}:\n{printed}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(REPOSITORY).as_posix())
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        run_page(page, tmp_path)
    except BrokenExample as broken:
        pytest.fail(str(broken), pytrace=False)


SAMPLE = """# A page

```python
x = 1
```

Between.

```python
>>> x + 1
2
>>> y = x + 2
```

```console
$ pip install penchant
```

<!-- not run: it never returns -->

```python
while True: ...
```

```python
assert (x, y) == (1, 3)
open("made.txt", "w").close()
```

```console
$ penchant --help \\
    | cat
shown, not run
$ ls made.txt > listed.txt
```

```toml
x = not run
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(SAMPLE, encoding="utf-8")
    return path


def test_collects_what_is_to_run_with_its_line(page: Path) -> None:
    found = [(b.language, b.line) for b in blocks(page)]
    assert found == [("python", 4), ("python", 10), ("python", 26), ("console", 31)]
    assert [line for line, _ in commands(list(blocks(page))[-1].text, 31)] == [31, 34]


def test_runs_a_page_in_one_namespace_and_folder(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("penchant.cli", reason="the command line is not there yet")
    monkeypatch.chdir(tmp_path)
    assert run_page(page, tmp_path) == 4
    assert (tmp_path / "listed.txt").read_text() == "made.txt\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\n\n```python\nx = 1\nx / 0\n```\n", "page.md:5: ZeroDivisionError: division by zero"),
        ("```python\nx = = 1\n```\n", "page.md:2: SyntaxError: invalid syntax"),
        ("```python\n>>> 1 + 1\n3\n```\n", "page.md:2: shows another output"),
        ("```console\n$ penchant() { return 3; }; penchant\n```\n", r"page.md:2: \$ penchant.*\nexit status 3"),
        ("<!-- not run: -->\n\n```python\nx\n```\n", "page.md:1: say why"),
        ("<!-- not run: directly before only -->\n\ntext\n\n```python\nx\n```\n", "page.md:6: NameError"),
        ("=== tab\n\n    ```python\n    x\n    ```\n", "page.md:3: a block indented by 4"),
    ],
)
def test_a_broken_example_names_page_and_line(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BrokenExample, match=message):
        run_page(page, tmp_path)


@pytest.mark.timeout(300)
def test_the_pages_can_be_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site" / "measuring.html").exists() or (tmp_path / "site" / "measuring" / "index.html").exists()
