//! A graph's nodes over all bars, tile by tile.

use std::ops::Range;

use rayon::prelude::*;

use super::bits::Conditions;
use super::kernel::{Kernel, Place};
use super::values::{Series, Stored, View};
use crate::error::{EngineError, Result};
use crate::graph::Graph;
use crate::watch::Watch;

/// Most bytes of series that one evaluation keeps.
const MOST_BYTES: usize = 8 << 30;

/// Nodes between two questions to the watch.
const WATCHED: usize = 64;

/// How a sweep goes over the bars.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps {
    /// Bars a tile.
    pub tile: usize,
    /// Whether the nodes of a wave are shared among rayon's threads.
    pub parallel: bool,
}

/// The nodes that are evaluated together, with their memory and room for their values.
///
/// Nodes stand in waves: those of one wave do not read each other. Longer contexts come first,
/// the bars at hand last, for only `on` reads across.
pub(crate) struct Sweep {
    waves: Vec<Vec<Cell>>,
    contexts: Vec<(usize, Range<usize>)>,
    /// Wave and slot of a node, by node; none for those that come from elsewhere.
    cells: Vec<Option<(usize, usize)>>,
}

struct Cell {
    node: usize,
    /// Whether the values of all bars are kept, not of a tile alone.
    whole: bool,
    /// The bar that the first kept value belongs to.
    first: usize,
    kernel: Kernel,
    series: Series,
}

impl Sweep {
    /// A sweep over the nodes that `own` names; the others come from elsewhere.
    pub fn new(graph: &Graph, own: impl Fn(usize) -> bool) -> Self {
        let mut whole = vec![false; graph.nodes.len()];
        for node in graph.kept() {
            whole[node] = true;
        }
        for node in &graph.nodes {
            for &arg in &node.args[..node.op.looks_back_on()] {
                whole[arg] = true;
            }
        }
        let mut cells = vec![None; graph.nodes.len()];
        let mut waves = Vec::new();
        let mut contexts = Vec::new();
        for context in (1..=graph.longer.len()).chain([0]) {
            let from = waves.len();
            for (index, node) in graph.nodes.iter().enumerate() {
                if node.context != context || !own(index) {
                    continue;
                }
                let wave = node
                    .args
                    .iter()
                    .filter_map(|&arg| cells[arg])
                    .map(|(wave, _): (usize, usize)| wave + 1)
                    .fold(from, usize::max);
                if wave == waves.len() {
                    waves.push(Vec::new());
                }
                cells[index] = Some((wave, waves[wave].len()));
                waves[wave].push(Cell {
                    node: index,
                    whole: whole[index],
                    first: 0,
                    kernel: Kernel::default(),
                    series: Series::Empty,
                });
            }
            contexts.push((context, from..waves.len()));
        }
        Self {
            waves,
            contexts,
            cells,
        }
    }

    /// Whether there is nothing to evaluate.
    pub fn is_empty(&self) -> bool {
        self.waves.is_empty()
    }

    /// The most nodes that do not wait for each other.
    pub fn width(&self) -> usize {
        self.waves.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Evaluates all nodes, the conditions after them, and writes the four signals, where a
    /// missing one counts as false.
    ///
    /// `given` is asked for nodes from elsewhere; `watch` is asked after each wave of a tile.
    pub fn run<'v>(
        &mut self,
        place: Place<'_, '_>,
        steps: Steps,
        scalars: &[f64],
        given: impl Fn(usize) -> Stored<'v> + Sync,
        mut conditions: Conditions<'_>,
        watch: Option<Watch<'_>>,
    ) -> Result<()> {
        self.check_memory(place, steps.tile)?;
        for place_of in 0..self.contexts.len() {
            let (context, waves) = self.contexts[place_of].clone();
            let bars = place.inputs.len(context);
            for cell in self.waves[waves.clone()].iter_mut().flatten() {
                let kept = if cell.whole {
                    bars
                } else {
                    bars.min(steps.tile)
                };
                cell.kernel = Kernel::new(place, scalars, cell.node);
                cell.series
                    .resize(place.graph.nodes[cell.node].boolean, kept);
            }
            for start in (0..bars).step_by(steps.tile) {
                let span = start..bars.min(start + steps.tile);
                for wave in waves.clone() {
                    self.advance(place, steps, wave, &span, &given, watch)?;
                }
                if context == 0 {
                    let read = |node: usize| self.stored(node, &given);
                    conditions.compare(place.simd, &span, read);
                }
            }
        }
        conditions.combine(place.simd);
        Ok(())
    }

    /// Refuses a graph whose series would take more memory than there is likely to be.
    fn check_memory(&self, place: Place<'_, '_>, tile: usize) -> Result<()> {
        let mut bytes = 0;
        for (context, waves) in &self.contexts {
            let bars = place.inputs.len(*context);
            for cell in self.waves[waves.clone()].iter().flatten() {
                let kept = if cell.whole { bars } else { bars.min(tile) };
                let boolean = place.graph.nodes[cell.node].boolean;
                bytes += kept * if boolean { 1 } else { size_of::<f64>() };
            }
        }
        if bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(EngineError::Graph(format!(
            "its {} series over {} bars take {} MB, at most {} MB are allowed; take fewer bars or \
             fewer nodes that look back",
            self.cells.len(),
            place.inputs.len(0),
            bytes >> 20,
            MOST_BYTES >> 20
        )))
    }

    fn advance<'v>(
        &mut self,
        place: Place<'_, '_>,
        steps: Steps,
        wave: usize,
        span: &Range<usize>,
        given: &(impl Fn(usize) -> Stored<'v> + Sync),
        watch: Option<Watch<'_>>,
    ) -> Result<()> {
        let (before, rest) = self.waves.split_at_mut(wave);
        let (before, cells) = (&*before, &self.cells);
        let read = |node: usize| find(before, cells, node).unwrap_or_else(|| given(node));
        let one = |cell: &mut Cell| {
            let slots = if cell.whole {
                span.clone()
            } else {
                0..span.len()
            };
            cell.first = span.start - slots.start;
            let Cell {
                node,
                kernel,
                series,
                ..
            } = cell;
            kernel.advance(place, *node, span, &read, series.slots(slots));
        };
        for cells in rest[0].chunks_mut(WATCHED) {
            if steps.parallel && cells.len() > 1 {
                cells.par_iter_mut().with_max_len(1).for_each(one);
            } else {
                cells.iter_mut().for_each(one);
            }
            watch.map_or(Ok(()), |watch| watch(0))?;
        }
        Ok(())
    }

    /// The values of a node; those of all bars where levels need them.
    pub fn view<'v>(&'v self, node: usize, given: impl Fn(usize) -> Stored<'v>) -> View<'v> {
        self.stored(node, &given).view
    }

    fn stored<'s, 'v: 's>(
        &'s self,
        node: usize,
        given: &impl Fn(usize) -> Stored<'v>,
    ) -> Stored<'s> {
        find(&self.waves, &self.cells, node).unwrap_or_else(|| given(node))
    }
}

fn find<'s>(
    waves: &'s [Vec<Cell>],
    cells: &[Option<(usize, usize)>],
    node: usize,
) -> Option<Stored<'s>> {
    let (wave, slot) = cells[node]?;
    let cell = &waves[wave][slot];
    Some(Stored {
        view: cell.series.view(),
        first: cell.first,
    })
}
