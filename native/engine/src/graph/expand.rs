//! From JSON nodes to the list that is evaluated: one node for each context it is needed in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::document::Document;
use super::signature::Checked;
use super::{Graph, Level, Node, Op};

/// Keeps what the nodes that are asked for need, or without any the outputs, each node once for
/// each context.
///
/// A scalar is the same in every context and stands in the first. An argument's JSON index is
/// smaller than its user's, whatever the context, so the order of JSON indices is topological.
pub(super) fn expand(
    document: &Document,
    checked: &[Checked],
    parameters: BTreeMap<String, usize>,
    asked: Option<&[usize]>,
) -> Graph {
    let roots = asked.map_or_else(|| roots(document).collect(), <[usize]>::to_vec);
    let used = used(document, &roots);
    let longer: BTreeSet<&str> = used
        .iter()
        .filter_map(|&node| document.nodes[node].timeframe.as_deref())
        .collect();
    let longer: Vec<String> = longer.into_iter().map(str::to_owned).collect();
    let context_of = |index: usize| -> Option<usize> {
        let timeframe = document.nodes[index].timeframe.as_ref()?;
        longer
            .iter()
            .position(|known| known == timeframe)
            .map(|place| place + 1)
    };
    // where an argument of a node in `context` is evaluated
    let argument = |user: usize, context: usize, arg: usize| {
        let context = context_of(user).unwrap_or(context);
        (arg, if checked[arg].scalar { 0 } else { context })
    };
    let mut needed: BTreeSet<(usize, usize)> = roots.iter().map(|&node| (node, 0)).collect();
    for &index in used.iter().rev() {
        for context in 0..=longer.len() {
            if needed.contains(&(index, context)) {
                for &arg in &document.nodes[index].args {
                    needed.insert(argument(index, context, arg));
                }
            }
        }
    }
    let mut places: HashMap<(usize, usize), usize> = HashMap::with_capacity(needed.len());
    let mut nodes = Vec::with_capacity(needed.len());
    for (index, context) in needed {
        let (json, found) = (&document.nodes[index], &checked[index]);
        let args = json.args.iter();
        let op = match (&found.op, context_of(index)) {
            (Op::On(_), Some(timeframe)) => Op::On(timeframe),
            (op, _) => op.clone(),
        };
        places.insert((index, context), nodes.len());
        nodes.push(Node {
            op,
            name: json.op.clone(),
            args: args
                .map(|&arg| places[&argument(index, context, arg)])
                .collect(),
            boolean: found.boolean,
            scalar: found.scalar,
            context,
            json: index,
        });
    }
    let graph = Graph {
        nodes,
        parameters: parameters.into_keys().collect(),
        longer,
        ..Graph::default()
    };
    let place = |node: usize| places[&(node, 0)];
    if let Some(asked) = asked {
        return Graph {
            asked: asked.iter().copied().map(place).collect(),
            ..graph
        };
    }
    let level = |level: Level| Level {
        node: place(level.node),
        ..level
    };
    Graph {
        long_entry: document.outputs.long_entry.map(place),
        long_exit: document.outputs.long_exit.map(place),
        short_entry: document.outputs.short_entry.map(place),
        short_exit: document.outputs.short_exit.map(place),
        stop_loss: document.stop_loss.map(level),
        take_profit: document.take_profit.map(level),
        trailing_stop: document.trailing_stop.map(level),
        time_stop: document.time_stop.map(place),
        entry_limit: document.entry_limit.map(place),
        entry_stop: document.entry_stop.map(place),
        ..graph
    }
}

/// The JSON nodes that `roots` need, themselves included.
fn used(document: &Document, roots: &[usize]) -> BTreeSet<usize> {
    let mut used: BTreeSet<usize> = roots.iter().copied().collect();
    for index in (0..document.nodes.len()).rev() {
        if used.contains(&index) {
            used.extend(&document.nodes[index].args);
        }
    }
    used
}

/// The nodes that outputs, levels and orders name.
fn roots(document: &Document) -> impl Iterator<Item = usize> {
    let outputs = &document.outputs;
    [
        outputs.long_entry,
        outputs.long_exit,
        outputs.short_entry,
        outputs.short_exit,
        document.stop_loss.map(|level| level.node),
        document.take_profit.map(|level| level.node),
        document.trailing_stop.map(|level| level.node),
        document.time_stop,
        document.entry_limit,
        document.entry_stop,
    ]
    .into_iter()
    .flatten()
}
