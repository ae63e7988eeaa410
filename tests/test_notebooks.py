"""Runs every notebook of examples/, from the top, in a copy of that folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = REPOSITORY / "examples"
NOTEBOOKS = sorted(p for p in EXAMPLES.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def run(notebook: Path) -> None:
    """Executes a notebook with its own folder as working directory; the first cell that fails raises its error."""
    cells = nbformat.read(notebook, as_version=4)
    NotebookClient(
        cells, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(notebook.parent)}}
    ).execute()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.relative_to(EXAMPLES).as_posix())
def test_notebook_runs(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    copy = shutil.copytree(EXAMPLES, tmp_path / "examples")
    run(copy / notebook.relative_to(EXAMPLES))


def test_runs_cells_in_the_notebooks_folder_and_reports_the_one_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "sample.ipynb"
    cells = [nbformat.v4.new_code_cell("open('made.txt', 'w').close()"), nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        run(path)
    assert (tmp_path / "made.txt").exists()
