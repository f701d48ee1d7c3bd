//! What a strategy wants at each bar: four flags, its levels and its orders' prices.

use crate::bars::Bars;
use crate::error::{EngineError, Result};
use crate::evaluate::{
    Conditions, Inputs, Number, Place, Planes, Program, Simd, Steps, Stored, Sweep, View,
    check_settings, scalars,
};
use crate::flags::Flags;
use crate::graph::{Graph, Level, LevelKind};
use crate::watch::Watch;

/// Bars a tile of a single evaluation: long enough to be worth a hand-over between threads, short
/// enough for a core's second cache.
const TILE: usize = 1 << 14;

/// From how many bars on a single evaluation is shared among threads.
const PARALLEL_BARS: usize = 1 << 17;

/// A stop or target's values.
#[derive(Debug, Clone, Copy)]
pub struct LevelView<'a> {
    /// Percent of the fill price, distance in price, or the price.
    pub kind: LevelKind,
    /// The stated value at each bar.
    pub values: Number<'a>,
}

impl LevelView<'_> {
    /// The value stated at bar `t`.
    #[inline]
    #[must_use]
    pub fn at(&self, t: usize) -> f64 {
        self.values.at(t)
    }
}

/// Flags of all bars and what goes with entries.
#[derive(Debug, Clone, Copy)]
pub struct Signals<'a> {
    /// What is wanted at each bar.
    pub flags: Flags<'a>,
    /// The stop-loss, where the strategy has one.
    pub stop: Option<LevelView<'a>>,
    /// The take-profit, where the strategy has one.
    pub target: Option<LevelView<'a>>,
    /// The trailing stop, where the strategy has one.
    pub trail: Option<LevelView<'a>>,
    /// The price of entry limit orders, where entries are such.
    pub entry_limit: Option<Number<'a>>,
    /// The price of entry stop orders, where entries are such.
    pub entry_stop: Option<Number<'a>>,
    /// After how many bars a position is closed, at least 1.
    pub time_stop: Option<usize>,
}

/// Puts the signals of an evaluated graph together; `view` gives the values of its nodes.
///
/// # Errors
/// A time stop that is not a whole number of at least 1.
pub fn signals_of<'v>(
    graph: &Graph,
    view: impl Fn(usize) -> View<'v>,
    flags: Flags<'v>,
) -> Result<Signals<'v>> {
    let number = |node: usize| view(node).number();
    let level = |level: Level| LevelView {
        kind: level.kind,
        values: number(level.node),
    };
    Ok(Signals {
        flags,
        stop: graph.stop_loss.map(level),
        target: graph.take_profit.map(level),
        trail: graph.trailing_stop.map(level),
        entry_limit: graph.entry_limit.map(number),
        entry_stop: graph.entry_stop.map(number),
        time_stop: graph
            .time_stop
            .map(|node| time_stop(graph, node, number(node).at(0)))
            .transpose()?,
    })
}

fn time_stop(graph: &Graph, node: usize, bars: f64) -> Result<usize> {
    if bars.fract() == 0.0 && bars >= 1.0 {
        Ok(bars as usize)
    } else {
        Err(graph.node_error(
            node,
            format!("the time stop is {bars} bars, expected a whole number of at least 1"),
        ))
    }
}

/// How a single evaluation is cut up; it changes no bit of what comes out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiling {
    /// Bars a tile.
    pub bars: usize,
    /// The most threads.
    pub threads: usize,
}

/// A graph evaluated for one set of parameters.
pub struct Evaluation<'a> {
    graph: &'a Graph,
    inputs: Inputs<'a>,
    scalars: Vec<f64>,
    sweep: Sweep,
    program: Program,
    planes: Planes,
}

impl<'a> Evaluation<'a> {
    /// Evaluates every node once, on as many threads as there are cores; `watch` is asked every few
    /// milliseconds.
    ///
    /// # Errors
    /// A column, session column, time or longer timeframe that the bars do not have; a window that
    /// is not a whole number from 1 to the number of bars, or another setting out of its range; the
    /// watch said to stop.
    pub fn new(
        graph: &'a Graph,
        bars: &Bars<'a>,
        params: &[f64],
        simd: Simd,
        watch: Option<Watch<'_>>,
    ) -> Result<Self> {
        let threads = if bars.len() < PARALLEL_BARS {
            1
        } else {
            std::thread::available_parallelism().map_or(1, usize::from)
        };
        let tiling = Tiling {
            bars: TILE,
            threads,
        };
        Self::tiled(graph, bars, params, simd, tiling, watch)
    }

    pub(crate) fn tiled(
        graph: &'a Graph,
        bars: &Bars<'a>,
        params: &[f64],
        simd: Simd,
        tiling: Tiling,
        watch: Option<Watch<'_>>,
    ) -> Result<Self> {
        let inputs = Inputs::new(graph, bars)?;
        let scalars = scalars(graph, params);
        check_settings(graph, &inputs, &scalars)?;
        let program = Program::new(graph);
        let mut sweep = Sweep::new(graph, |node| {
            !graph.nodes[node].scalar && inputs.node(node).is_none() && !program.evaluates(node)
        });
        let mut planes = program.planes(bars.len());
        let place = Place {
            graph,
            inputs: &inputs,
            simd,
        };
        let given = |node| given(&inputs, &scalars, node);
        let threads = tiling.threads.min(sweep.width());
        let mut sweep_all = |parallel: bool| {
            let steps = Steps {
                tile: tiling.bars,
                parallel,
            };
            let conditions = Conditions {
                program: &program,
                planes: &mut planes,
            };
            sweep.run(place, steps, &scalars, given, conditions, watch)
        };
        if threads > 1 {
            // a pool of its own: a global one would not survive a fork
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| EngineError::Config(format!("threads: {error}")))?
                .install(|| sweep_all(true))?;
        } else {
            sweep_all(false)?;
        }
        Ok(Self {
            graph,
            inputs,
            scalars,
            sweep,
            program,
            planes,
        })
    }

    /// The signals, borrowed from the evaluation.
    ///
    /// # Errors
    /// Those of [`signals_of`].
    pub fn signals(&self) -> Result<Signals<'_>> {
        let flags = self.program.flags(&self.planes);
        signals_of(self.graph, |node| self.view(node), flags)
    }

    /// The values of a node of [`Graph::kept`] over all bars.
    #[must_use]
    pub fn view(&self, node: usize) -> View<'_> {
        let given = |node| given(&self.inputs, &self.scalars, node);
        self.sweep.view(node, given)
    }
}

/// Columns and scalars, which are not evaluated bar by bar.
fn given<'v>(inputs: &'v Inputs<'_>, scalars: &[f64], node: usize) -> Stored<'v> {
    match inputs.node(node) {
        Some(values) => Stored::whole(View::Number(Number::Series(values))),
        None => Stored::scalar(scalars[node]),
    }
}
