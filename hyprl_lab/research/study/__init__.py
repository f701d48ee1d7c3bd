"""Studies: what a search leaves behind, and what can be asked of it."""

from __future__ import annotations

from hyprl_lab.research.study.effective import EffectiveTrials
from hyprl_lab.research.study.group import StudyGroup
from hyprl_lab.research.study.misses import Misses, nearest_misses
from hyprl_lab.research.study.one import one_study
from hyprl_lab.research.study.pareto import pareto_front, pareto_ranks
from hyprl_lab.research.study.ranking import Ranking
from hyprl_lab.research.study.recost import Recosted
from hyprl_lab.research.study.study import Study
from hyprl_lab.research.study.surface import Surface
from hyprl_lab.research.study.trial import Trial

__all__ = [
    "EffectiveTrials",
    "Misses",
    "Ranking",
    "Recosted",
    "Study",
    "StudyGroup",
    "Surface",
    "Trial",
    "nearest_misses",
    "one_study",
    "pareto_front",
    "pareto_ranks",
]
