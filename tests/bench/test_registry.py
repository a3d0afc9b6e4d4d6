"""What is measured is complete, and what is asked of the bench wrongly is refused before anything is measured."""

import ast
from pathlib import Path

import pytest

import bench
from bench import __main__ as command
from bench.registry import MEASUREMENTS, choose

FOLDER = Path(bench.__file__).parent


def test_each_measurement_has_its_function() -> None:
    assert [measurement.name for measurement in MEASUREMENTS if not callable(measurement.run)] == []


def test_each_module_that_measures_is_measured() -> None:
    """A module with a ``run`` that no measurement calls would rot: nobody would see that it does not work."""
    with_run = {
        file.stem
        for file in FOLDER.glob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("run") and file.stem != "running"
    }

    measured = {measurement.function.partition(":")[0] for measurement in MEASUREMENTS}
    assert with_run - measured == {"tolls", "trips"}  # which bench/files.py calls


def test_names_are_words_of_one_command() -> None:
    names = [measurement.name for measurement in MEASUREMENTS]

    assert len({*names}) == len(names)
    assert [name for name in names if not name.isalpha()] == []


def test_the_short_bench_is_short() -> None:
    """Six minutes on two quiet cores, with the making of the databases."""
    assert sum(measurement.short for measurement in choose("", is_full=False)) <= 340


def test_some_are_measured_in_the_order_of_the_bench() -> None:
    assert [one.name for one in choose(" pages, posting,", is_full=False)] == ["posting", "pages"]


def test_what_is_left_out_of_the_short_bench_is_measured_when_it_is_named() -> None:
    assert "newyork" not in [one.name for one in choose("", is_full=False)]
    assert "newyork" in [one.name for one in choose("", is_full=True)]
    assert [one.name for one in choose("newyork", is_full=False)] == ["newyork"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "posting,page"], "Nothing measured is called page. There are: posting, applying, "),
        (["--compare", "/nowhere/old.json"], "/nowhere/old.json can't be read: No such file or directory."),
        (["--with", "/nowhere/new.json"], "--with says what an older file is compared with: give that by --compare."),
        (["--drivers", "many"], "DRIVERS is a number from 100 to 1000000, not 'many'."),
        (["--drivers", "99"], "DRIVERS is a number from 100 to 1000000, not '99'."),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_measured(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_measure", None)

    assert command.main(words) == 1
    said = capsys.readouterr()
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_the_list_says_what_each_is_and_costs(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    said = capsys.readouterr().out
    assert "posting" in said
    assert len(said.splitlines()) == len(MEASUREMENTS)
