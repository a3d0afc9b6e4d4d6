"""A run of the bench as a file, beside another one, and what is no such file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.comparing import list_changes, say_changes
from bench.errors import FileInvalid
from bench.measure import AimUnreadable, Row, Timing, compare, measured
from bench.results import FORMAT, VERSION, Run, load_run, save_run
from bench.tables import say_aims, say_table

FAST = Row("post", "limit", 200_000, 47_000.0, 150_000.0, 0.313, aim="≥ 0.30", spread=0.02)
LEAN = Row("close: memory", "", 0, 170.0, None, None, aim="≤ 300 MB", unit="MB")
FLAT = Row("lists, p95", "at 100,000", 1_000_000, 60.0, 50.0, 1.2, aim="≤ 1.5", unit="ms", spread=0.08)
LOOP = Row("post", "loop", 500, 47_000.0, 300.0, 156.7)


def make_run(rows: list[Row], **changed: object) -> Run:
    run = Run(
        taken_at="2026-11-27T07:00:00+00:00",
        commit="0123456789ab",
        is_full=False,
        drivers=20_000,
        took_seconds=301.5,
        machine={"processor": "Some processor", "cores": 2, "memory_mb": 24_105, "load_before": 0.1},
        versions={"python": "3.11.7"},
        rows={"posting": rows},
        missing={},
    )
    return replace(run, **changed)  # type: ignore[arg-type]


class TestRow:
    def test_an_aim_without_a_unit_is_of_the_ratio(self) -> None:
        assert FAST.is_met
        assert not replace(FAST, ratio=0.299).is_met

    def test_an_aim_with_a_unit_is_of_ours(self) -> None:
        assert LEAN.is_met
        assert not replace(LEAN, ours=301.0).is_met

    def test_at_most(self) -> None:
        assert FLAT.is_met
        assert not replace(FLAT, ratio=1.51).is_met

    def test_without_an_aim_it_is_neither_met_nor_missed(self) -> None:
        assert LOOP.is_met is None

    @pytest.mark.parametrize("aim", ["0.30", "≥0.30", "> 3", "≥ three", "≤ 300 GB"])
    def test_an_aim_that_says_nothing_is_refused_where_it_is_written(self, aim: str) -> None:
        with pytest.raises(AimUnreadable):
            replace(LEAN, aim=aim)

    def test_the_ratio_is_the_median_of_the_rounds(self) -> None:
        """Three rounds: 0.5, 0.4, 0.6 of the yardstick beside them; the median, and 0.2 of 0.5 as the noise."""
        rounds = [(Timing(10, ours), Timing(10, theirs)) for ours, theirs in [(2, 1), (5, 2), (1, 0.6)]]

        row = compare("what", "beside", rounds, aim="≥ 0.5")

        assert (row.ratio, row.is_met) == (0.5, True)
        assert row.spread == pytest.approx(0.4)

    def test_what_is_no_rate_is_a_part_of_its_yardstick_too(self) -> None:
        row = measured("start", "s", [3.0, 5.0, 4.0], yardstick=[1.0, 1.0, 2.0], beside="servers")

        assert (row.ours, row.yardstick, row.ratio, row.unit) == (4.0, 1.0, 3.0, "s")


class TestFile:
    def test_it_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        run = make_run([FAST, LEAN, FLAT, LOOP], missing={"trips": "It ended with 1."})

        path = save_run(run, tmp_path / "bench")

        assert path == tmp_path / "bench" / "2026-11-27T070000Z.json"
        assert load_run(path) == run
        told = json.loads(path.read_text())
        assert (told["format"], told["version"], told["machine"]["cores"]) == (FORMAT, VERSION, 2)
        assert [row["met"] for row in told["rows"]] == [True, True, True, None]

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (None, "can't be read: No such file or directory."),
            ("{", "is not JSON, so it is no file of make bench."),
            ("\x00\xff", "is not JSON"),
            ("[]", "is not a file of make bench."),
            ('{"rows": []}', "is not a file of make bench."),
            (
                json.dumps({"format": FORMAT, "version": VERSION + 1}),
                f"is of version {VERSION + 1} of the bench's files",
            ),
            (json.dumps({"format": FORMAT, "version": VERSION}), "is not whole"),
            (json.dumps({"format": FORMAT, "version": VERSION, "rows": [{"measurement": "x"}]}), "is not whole"),
        ],
    )
    def test_what_is_none_is_refused_in_a_sentence(self, tmp_path: Path, text: str | None, sentence: str) -> None:
        path = tmp_path / "old.json"
        if text is not None:
            path.write_bytes(text.encode("latin-1"))

        with pytest.raises(FileInvalid) as refused:
            load_run(path)

        assert str(path) in str(refused.value)
        assert sentence in str(refused.value)

    def test_a_folder_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(FileInvalid, match="Is a directory"):
            load_run(tmp_path)

    def test_a_figure_that_is_none_is_refused(self, tmp_path: Path) -> None:
        path = save_run(make_run([FAST]), tmp_path)
        path.write_text(path.read_text().replace("47000.0", '"many"'))

        with pytest.raises(FileInvalid, match="is not whole"):
            load_run(path)


class TestComparing:
    def test_the_worst_comes_first_and_what_is_within_the_noise_last(self) -> None:
        old = make_run([FAST, LEAN, FLAT, LOOP])
        new = make_run([
            replace(FAST, ratio=0.25),  # 20 % worse
            replace(LEAN, ours=340.0),  # twice the memory: half as good
            replace(FLAT, ratio=1.25),  # 4 %, and its rounds scattered by 8 %
            replace(LOOP, ratio=200.0),  # 28 % better
        ])  # fmt: skip

        changes = list_changes(old, new)
        lines = list(say_changes(old, new))

        assert [change.new.what for change in changes if change.is_worse] == ["close: memory", "post"]
        assert [change.new.beside for change in changes if change.is_better] == ["loop"]
        titles = [line for line in lines if line.startswith("\n")]
        assert titles == ["\nWorse beyond the noise: 2", "\nBetter beyond the noise: 1", "\nWithin the noise: 1"]
        assert lines.index("\nWorse beyond the noise: 2") == 1
        assert "170 MB → 340 MB" in lines[2]
        assert "50% worse, noise 5%" in lines[2]
        assert lines[2].endswith("close: memory  misses ≤ 300 MB")
        assert "0.313 → 0.250" in lines[3]
        assert "(beside limit)  misses ≥ 0.30" in lines[3]

    def test_the_same_run_has_changed_nothing(self) -> None:
        lines = list(say_changes(make_run([FAST, LEAN]), make_run([FAST, LEAN])))

        assert "\nWorse beyond the noise: none" in lines
        assert "\nBetter beyond the noise: none" in lines

    def test_noisy_rounds_say_nothing_of_a_small_change(self) -> None:
        (change,) = list_changes(
            make_run([replace(FAST, spread=0.5)]), make_run([replace(FAST, ratio=0.25, spread=0.3)])
        )

        assert change.noise == pytest.approx(0.4)
        assert not change.is_worse

    def test_another_machine_and_another_size_are_said(self) -> None:
        other = make_run([FAST], machine={"processor": "Another", "cores": 64, "memory_mb": 1}, is_full=True)

        lines = list(say_changes(make_run([FAST]), other))

        assert "  It was taken on another machine: ratios may be compared, seconds and rates not." in lines
        assert "  One of the two is of another size: rows of another size are left out." in lines

    def test_what_only_one_of_them_has_is_named(self) -> None:
        lines = list(say_changes(make_run([FAST]), make_run([LEAN])))

        assert lines[-2:] == ["\nOnly then: post (beside limit)", "\nOnly now: close: memory"]

    def test_what_was_not_asked_for_is_not_missed(self) -> None:
        old = replace(make_run([FAST]), rows={"posting": [FAST], "pages": [FLAT]})

        assert not any(line.startswith("\nOnly") for line in say_changes(old, make_run([FAST])))

    def test_a_row_with_another_kind_of_aim_is_not_compared(self) -> None:
        """Then the rate had to be reached, now the ratio has: two figures that are not each other's."""
        old = make_run([replace(FAST, aim="≥ 40,000/s")])

        assert list_changes(old, make_run([FAST])) == []


def test_the_table_shows_both_and_what_is_missed() -> None:
    rows = {"posting": [FAST, replace(LEAN, ours=340.0), LOOP]}

    lines = [" ".join(line.split()) for line in say_table(rows)]

    assert lines == [
        "beside ours beside it ratio aim",
        "posting",
        "post limit 47,000/s 150,000/s 0.313 ≥ 0.30 met",
        "close: memory 340 MB ≤ 300 MB MISSED",
        "post loop 47,000/s 300/s 156.7",
    ]
    assert say_aims(rows) == "1 of 2 aims are met; missed: close: memory."
