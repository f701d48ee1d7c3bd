//! Types: what each operation takes and gives, checked node by node.

use std::collections::BTreeMap;

use super::document::NodeJson;
use super::{Arithmetic, Comparison, Op, window_argument};
use crate::error::{EngineError, Result};

/// A node that has passed the check, still by its JSON arguments; `On` has no context yet.
pub(super) struct Checked {
    pub op: Op,
    pub boolean: bool,
    pub scalar: bool,
    /// The first node under it, itself included, that can't stand inside `on`.
    base_only: Option<usize>,
}

const NUMBER: bool = false;
const BOOLEAN: bool = true;

type Reason<T> = std::result::Result<T, String>;

/// Checks every node, in order.
pub(super) fn check(
    nodes: &[NodeJson],
    parameters: &BTreeMap<String, usize>,
) -> Result<Vec<Checked>> {
    let mut checked: Vec<Checked> = Vec::with_capacity(nodes.len());
    for (index, json) in nodes.iter().enumerate() {
        let node =
            check_node(index, json, &checked, parameters).map_err(|reason| EngineError::Node {
                node: index,
                op: json.op.clone(),
                reason,
            })?;
        checked.push(node);
    }
    Ok(checked)
}

fn check_node(
    index: usize,
    json: &NodeJson,
    before: &[Checked],
    parameters: &BTreeMap<String, usize>,
) -> Reason<Checked> {
    let (op, types, boolean) = operation(json, before, parameters)?;
    check_attributes(json, &op)?;
    check_arguments(json, &types, before)?;
    if let Some(&window) = window_argument(&op, &json.args)
        && !before[window].scalar
    {
        return Err(format!(
            "its window (node {window}) has to be a constant or a parameter"
        ));
    }
    let mut inner = json.args.iter().filter_map(|&arg| before[arg].base_only);
    let base_only = match op {
        Op::On(_) => {
            if let Some(inner) = inner.next() {
                return Err(format!(
                    "node {inner} under it reads the session, a trained model or another \
                     timeframe, which can't be done on the bars of a longer timeframe"
                ));
            }
            Some(index)
        }
        Op::Clock | Op::Probability(_) => Some(index),
        _ => inner.next(),
    };
    let scalar = match op {
        Op::Constant(_) | Op::Parameter(_) => true,
        Op::Arithmetic(_) | Op::Negate | Op::Absolute | Op::Minimum | Op::Maximum => {
            json.args.iter().all(|&arg| before[arg].scalar)
        }
        _ => false,
    };
    Ok(Checked {
        op,
        boolean,
        scalar,
        base_only,
    })
}

fn check_arguments(json: &NodeJson, types: &[bool], before: &[Checked]) -> Reason<()> {
    if json.args.len() != types.len() {
        return Err(format!(
            "has {} arguments, expected {}",
            json.args.len(),
            types.len()
        ));
    }
    for (&arg, &wanted) in json.args.iter().zip(types) {
        let kind = |boolean| if boolean { "boolean" } else { "number" };
        match before.get(arg) {
            None => return Err(format!("argument {arg} does not stand before the node")),
            Some(node) if node.boolean != wanted => {
                return Err(format!(
                    "argument {arg} is a {}, expected a {}",
                    kind(node.boolean),
                    kind(wanted)
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Refuses attributes that the operation does not take.
fn check_attributes(json: &NodeJson, op: &Op) -> Reason<()> {
    let named = matches!(op, Op::Column(_) | Op::Parameter(_));
    let surplus = [
        ("name", json.name.is_some() && !named),
        (
            "value",
            json.value.is_some() && !matches!(op, Op::Constant(_)),
        ),
        ("bars", json.bars.is_some() && !matches!(op, Op::Shift(_))),
        (
            "timeframe",
            json.timeframe.is_some() && !matches!(op, Op::On(_)),
        ),
        (
            "model",
            json.model.is_some() && !matches!(op, Op::Probability(_)),
        ),
    ];
    match surplus.iter().find(|(_, found)| *found) {
        Some((attribute, _)) => Err(format!("takes no `{attribute}`")),
        None => Ok(()),
    }
}

/// An operation, the types of its arguments and that of its value; true is boolean.
fn operation(
    json: &NodeJson,
    before: &[Checked],
    parameters: &BTreeMap<String, usize>,
) -> Reason<(Op, Vec<bool>, bool)> {
    let name = || json.name.as_deref().ok_or("needs a `name`");
    let same_as_argument = || {
        let first = json.args.first().and_then(|&arg| before.get(arg));
        first.is_some_and(|node| node.boolean)
    };
    let (op, types, boolean): (Op, &[bool], bool) = match json.op.as_str() {
        "column" => (Op::Column(name()?.to_owned()), &[], NUMBER),
        "minute_of_day" | "weekday" | "bar_of_session" => (Op::Clock, &[], NUMBER),
        "constant" => match json.value {
            Some(value) if value.is_finite() => (Op::Constant(value), &[], NUMBER),
            _ => return Err("needs a finite `value`".to_owned()),
        },
        "parameter" => (Op::Parameter(parameters[name()?]), &[], NUMBER),
        "shift" => {
            let bars = json.bars.ok_or("needs `bars`, a whole number ≥ 0")?;
            let boolean = same_as_argument();
            return Ok((Op::Shift(bars), vec![boolean], boolean));
        }
        "on" => {
            json.timeframe.as_ref().ok_or("needs a `timeframe`")?;
            let boolean = same_as_argument();
            return Ok((Op::On(0), vec![boolean], boolean));
        }
        "probability" => {
            let model = json.model.as_ref().ok_or("needs a `model`")?;
            model.check(json.args.len())?;
            let types = vec![NUMBER; json.args.len()];
            return Ok((Op::Probability(Box::new(model.clone())), types, NUMBER));
        }
        other => fixed(other).ok_or("is not an operation this engine knows")?,
    };
    Ok((op, types.to_vec(), boolean))
}

/// The operations that have arguments of fixed types and no attributes.
fn fixed(name: &str) -> Option<(Op, &'static [bool], bool)> {
    const TWO: &[bool] = &[NUMBER, NUMBER];
    let arithmetic = |op| (Op::Arithmetic(op), TWO, NUMBER);
    let comparison = |op| (Op::Comparison(op), TWO, BOOLEAN);
    Some(match name {
        "add" => arithmetic(Arithmetic::Add),
        "subtract" => arithmetic(Arithmetic::Subtract),
        "multiply" => arithmetic(Arithmetic::Multiply),
        "divide" => arithmetic(Arithmetic::Divide),
        "negate" => (Op::Negate, &[NUMBER], NUMBER),
        "absolute" => (Op::Absolute, &[NUMBER], NUMBER),
        "minimum" => (Op::Minimum, TWO, NUMBER),
        "maximum" => (Op::Maximum, TWO, NUMBER),
        "less" => comparison(Comparison::Less),
        "less_equal" => comparison(Comparison::LessEqual),
        "greater" => comparison(Comparison::Greater),
        "greater_equal" => comparison(Comparison::GreaterEqual),
        "equal" => comparison(Comparison::Equal),
        "not_equal" => comparison(Comparison::NotEqual),
        "and" => (Op::And, &[BOOLEAN, BOOLEAN], BOOLEAN),
        "or" => (Op::Or, &[BOOLEAN, BOOLEAN], BOOLEAN),
        "not" => (Op::Not, &[BOOLEAN], BOOLEAN),
        "where" => (Op::Where, &[BOOLEAN, NUMBER, NUMBER], NUMBER),
        "crosses_above" => (Op::CrossesAbove, TWO, BOOLEAN),
        "crosses_below" => (Op::CrossesBelow, TWO, BOOLEAN),
        "sma" => (Op::Sma, TWO, NUMBER),
        "ema" => (Op::Ema, TWO, NUMBER),
        "rsi" => (Op::Rsi, TWO, NUMBER),
        "atr" => (Op::Atr, &[NUMBER], NUMBER),
        "highest" => (Op::Highest, TWO, NUMBER),
        "lowest" => (Op::Lowest, TWO, NUMBER),
        "sum" => (Op::Sum, TWO, NUMBER),
        "stdev" => (Op::Stdev, TWO, NUMBER),
        "bars_since" => (Op::BarsSince, &[BOOLEAN], NUMBER),
        "held_for" => (Op::HeldFor, &[BOOLEAN, NUMBER], BOOLEAN),
        _ => return None,
    })
}
