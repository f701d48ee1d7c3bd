//! A batch cut into parts whose shared series fit into memory together.

use std::collections::HashSet;
use std::sync::Arc;

use crate::evaluate::{Place, Program};
use crate::trials::{Groups, Plan, Rows, bytes_of, dependencies};

/// Series that depend on the same parameters.
struct Kind<'g> {
    parameters: &'g [usize],
    /// Bytes for each distinct setting of them.
    bytes: usize,
    distinct: usize,
}

/// The rows of each part, whose series take at most so many bytes, or nothing where one part holds
/// them all.
///
/// Rows are sorted in Morton's order of the settings that their series depend on, so that a part has
/// many rows for few series of each kind. It changes no result: a series has the same values wherever
/// it is made.
pub(super) fn parts(
    Place { graph, inputs, .. }: Place<'_, '_>,
    plan: &Plan,
    rows: &mut Rows<'_>,
    most_bytes: usize,
) -> Option<Vec<Vec<usize>>> {
    let trials = rows.count;
    let depends = dependencies(graph);
    let program = Program::new(graph);
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if node.scalar || inputs.node(index).is_some() || program.evaluates(index) {
            continue;
        }
        let numbers = if plan.is_leaf(index) {
            0
        } else {
            bytes_of(graph, inputs, &program, index)
        };
        let ranks = if plan.has(index) {
            inputs.len(node.context) * size_of::<i16>()
        } else {
            0
        };
        let bytes = numbers + ranks;
        let parameters = &depends[index][..];
        match kinds.iter_mut().find(|kind| kind.parameters == parameters) {
            Some(kind) => kind.bytes += bytes,
            None => kinds.push(Kind {
                parameters,
                bytes,
                distinct: 0,
            }),
        }
    }
    if kinds.iter().map(|kind| kind.bytes).sum::<usize>() * trials <= most_bytes {
        return None;
    }
    // which of its distinct settings a trial has, by kind
    let mut ids: Vec<Arc<Groups>> = Vec::new();
    for kind in &mut kinds {
        let groups = rows.groups(kind.parameters);
        kind.distinct = groups.first.len();
        ids.push(groups);
    }
    // what nearly every trial has for itself is not shared
    let shared = |kind: &Kind<'_>| kind.distinct == 1 || kind.distinct * 2 <= trials;
    let (kinds, ids): (Vec<_>, Vec<_>) = kinds
        .into_iter()
        .zip(ids)
        .filter(|(kind, _)| shared(kind))
        .unzip();
    let size = |kind: &Kind<'_>| kind.distinct * kind.bytes;
    if kinds.iter().map(size).sum::<usize>() <= most_bytes {
        return None;
    }
    let varied = ids.iter().filter(|ids| ids.first.len() > 1);
    let keys = Groups::near(&varied.map(AsRef::as_ref).collect::<Vec<_>>(), trials);
    let mut order: Vec<usize> = (0..trials).collect();
    order.sort_by_key(|&trial| keys[trial]);
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    let mut held: HashSet<(usize, u32)> = HashSet::new();
    let mut bytes = 0;
    for trial in order {
        let all = || ids.iter().map(|groups| groups.of_trial[trial]).enumerate();
        let added = |held: &HashSet<(usize, u32)>| -> usize {
            let new = all().filter(|one| !held.contains(one));
            new.map(|(at, _)| kinds[at].bytes).sum()
        };
        if bytes + added(&held) > most_bytes && !held.is_empty() {
            found.push(Vec::new());
            held.clear();
            bytes = 0;
        }
        bytes += added(&held);
        held.extend(all());
        if let Some(part) = found.last_mut() {
            part.push(trial);
        }
    }
    // rows in their order, so that the first that fails is the first of all
    for part in &mut found {
        part.sort_unstable();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::{Request, search_within};
    use crate::bars::Bars;
    use crate::config::{Execution, Risk, Settings};
    use crate::evaluate::Simd;
    use crate::graph::Graph;
    use crate::metrics::Calendar;
    use crate::run::Task;

    const GRAPH: &str = r#"{"version": 1, "nodes": [
        {"op": "column", "name": "close"},
        {"op": "parameter", "name": "fast"}, {"op": "parameter", "name": "slow"},
        {"op": "sma", "args": [0, 1]}, {"op": "sma", "args": [0, 2]},
        {"op": "crosses_above", "args": [3, 4]}, {"op": "crosses_below", "args": [3, 4]}],
        "outputs": {"long_entry": 5, "long_exit": 6}}"#;

    const EXECUTION: &str = r#"{"fee_bps": 5, "fee_per_trade": 0, "slippage_bps": 0, "spread_pct": 0,
        "participation_rate": null, "unfilled": "carry", "borrow_cost_bps": 0, "fill": "next_open",
        "intrabar": "stop_first", "tick_size": 0, "reenter_same_bar": false, "whole_units": false,
        "lot_size": null, "lots": null, "multiplier": 1, "option_delta": 1, "leverage": 1,
        "intraday": false, "session_cutoff": null, "daily_target": null,
        "daily_loss_limit": null, "at_end": "close"}"#;

    #[test]
    fn parts_and_threads_change_no_result() {
        let close: Vec<f64> = (0..400)
            .map(|t| 100.0 + 10.0 * (f64::from(t) / 7.0).sin() + f64::from(t % 13))
            .collect();
        let columns = ["open", "high", "low", "close"].map(|name| (name.to_owned(), &close[..]));
        let bars = Bars::new(columns.to_vec()).unwrap();
        let graph = Graph::parse(GRAPH).unwrap();
        let headline: Vec<i64> = (0..400).collect();
        let task = Task {
            bars: &bars,
            graph: &graph,
            headline: &headline,
            calendar: Calendar {
                periods_per_year: 252.0,
                years: 2.0,
            },
            simd: Simd::Auto,
        };
        let account = |fee: f64| Settings {
            risk: Risk::AllIn {},
            execution: Execution {
                fee_bps: fee,
                ..Execution::parse(EXECUTION).unwrap()
            },
            cash: 10_000.0,
            start: 0,
            bars_per_year: 252.0,
        };
        // 600 is a window that the bars do not have; each pair as often as makes ranks worth while
        let fasts = || [2, 3, 4, 600].into_iter().chain(5..12);
        let slows = [14, 600].into_iter().chain(15..30);
        let pairs: Vec<[f64; 2]> = slows
            .flat_map(|slow| fasts().map(move |fast| [f64::from(fast), f64::from(slow)]))
            .collect();
        let pairs = pairs.repeat(6);
        let values: Vec<f64> = pairs.iter().flatten().copied().collect();
        let setting: Vec<u32> = (0..pairs.len() as u32).map(|trial| trial % 2).collect();
        let settings = [account(5.0), account(20.0)];
        let found = |trials: usize, most_bytes: usize, threads: usize| {
            let request = Request {
                values: &values[..2 * trials],
                trials,
                settings: &settings,
                setting: &setting[..trials],
                blocks: true,
                threads,
            };
            let found = search_within(&task, &request, None, most_bytes).unwrap();
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<u64>>();
            let first = found.first_error.unwrap();
            assert_eq!(first.0, 3);
            (
                bits(&found.values),
                bits(&found.blocks),
                found.behaviour,
                found.failed,
                first.1,
            )
        };
        let whole = found(pairs.len(), usize::MAX, 1);
        assert_eq!(whole.3.iter().filter(|&&failed| failed).count(), 6 * 27);
        for (most_bytes, threads) in [(1, 2), (800 * 12, 1), (800 * 20, 7)] {
            assert_eq!(found(pairs.len(), most_bytes, threads), whole);
        }
        // too few for ranks
        let few = pairs.len() / 6;
        for (most_bytes, threads) in [(usize::MAX, 1), (1, 2), (4_992 * 12, 7)] {
            let (values, blocks, behaviour, failed, error) = found(few, most_bytes, threads);
            assert_eq!(values, whole.0[..values.len()]);
            assert_eq!(blocks, whole.1[..blocks.len()]);
            assert_eq!(
                (behaviour, failed),
                (whole.2[..few].to_vec(), whole.3[..few].to_vec())
            );
            assert_eq!(error, whole.4);
        }
    }
}
