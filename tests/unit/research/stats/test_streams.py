from __future__ import annotations

import numpy as np

from hyprl_lab.research.stats.streams import SplitMix64


def test_a_stream_in_two_pieces_is_the_stream() -> None:
    whole, pieces = SplitMix64(9).uniforms(10), SplitMix64(9)
    assert np.concatenate((pieces.uniforms(3), pieces.uniforms(7))).tolist() == whole.tolist()


def test_peeking_stays_and_skipping_passes_over() -> None:
    stream = SplitMix64(9)
    ahead = stream.peek(4)
    stream.skip(3)
    assert stream.uniforms(1)[0] == ahead[3]


def test_paths_have_streams_of_their_own() -> None:
    first = {
        SplitMix64.of_path(seed, path).uniforms(1)[0] for seed in range(9) for path in range(99)
    }
    assert len(first) == 9 * 99


def test_a_path_depends_on_seed_and_number_alone() -> None:
    few = [SplitMix64.of_path(4, path).uniforms(5).tolist() for path in range(3)]
    many = [SplitMix64.of_path(4, path).uniforms(5).tolist() for path in reversed(range(30))]
    assert few == many[::-1][:3]


def test_numbers_are_uniform_over_the_unit_interval() -> None:
    numbers = SplitMix64(1).uniforms(200_000)
    counts, _ = np.histogram(numbers, bins=100, range=(0.0, 1.0))
    chi_square = float(((counts - 2000.0) ** 2 / 2000.0).sum())
    assert 50.0 < chi_square < 160.0  # 99 degrees of freedom
    assert 0.0 <= numbers.min() < numbers.max() < 1.0


def test_any_whole_number_is_a_seed() -> None:
    assert SplitMix64(-1).integers(2).tolist() == SplitMix64(2**64 - 1).integers(2).tolist()
