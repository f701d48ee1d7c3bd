//! Types: what each operation takes and gives, checked node by node.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::document::NodeJson;
use super::{Op, Slot};
use crate::error::{EngineError, Result};

/// A node that has passed the check, still by its JSON arguments; `On` has no context yet.
pub(super) struct Checked {
    pub op: Op,
    pub boolean: bool,
    pub scalar: bool,
    /// The first node under it, itself included, that can't stand inside `on`.
    base_only: Option<usize>,
}

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
    let (op, slots, boolean) = operation(json, before, parameters)?;
    check_attributes(json, &op)?;
    check_arguments(json, &slots, before)?;
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

fn check_arguments(json: &NodeJson, slots: &[Slot], before: &[Checked]) -> Reason<()> {
    if json.args.len() != slots.len() {
        return Err(format!(
            "has {} arguments, expected {}",
            json.args.len(),
            slots.len()
        ));
    }
    for (&arg, &slot) in json.args.iter().zip(slots) {
        let kind = |boolean| if boolean { "boolean" } else { "number" };
        let wanted = slot == Slot::Condition;
        match before.get(arg) {
            None => return Err(format!("argument {arg} does not stand before the node")),
            Some(node) if node.boolean != wanted => {
                return Err(format!(
                    "argument {arg} is a {}, expected a {}",
                    kind(node.boolean),
                    kind(wanted)
                ));
            }
            Some(node) => match slot.setting() {
                Some(name) if !node.scalar => {
                    return Err(format!(
                        "its {name} (node {arg}) has to be a constant or a parameter"
                    ));
                }
                _ => {}
            },
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

/// An operation, what its arguments are, and whether its value is a boolean.
fn operation(
    json: &NodeJson,
    before: &[Checked],
    parameters: &BTreeMap<String, usize>,
) -> Reason<(Op, Cow<'static, [Slot]>, bool)> {
    let name = || json.name.as_deref().ok_or("needs a `name`");
    let first = json.args.first().and_then(|&arg| before.get(arg));
    let boolean = first.is_some_and(|node| node.boolean);
    let same = if boolean {
        &[Slot::Condition]
    } else {
        &[Slot::Number]
    };
    let number = |op| Ok((op, Cow::Borrowed(&[][..]), false));
    match json.op.as_str() {
        "column" => number(Op::Column(name()?.to_owned())),
        "constant" => match json.value {
            Some(value) if value.is_finite() => number(Op::Constant(value)),
            _ => Err("needs a finite `value`".to_owned()),
        },
        "parameter" => number(Op::Parameter(parameters[name()?])),
        "shift" => {
            let bars = json.bars.ok_or("needs `bars`, a whole number ≥ 0")?;
            Ok((Op::Shift(bars), Cow::Borrowed(same), boolean))
        }
        "on" => {
            json.timeframe.as_ref().ok_or("needs a `timeframe`")?;
            Ok((Op::On(0), Cow::Borrowed(same), boolean))
        }
        "probability" => {
            let model = json.model.as_ref().ok_or("needs a `model`")?;
            model.check(json.args.len())?;
            let slots = vec![Slot::Number; json.args.len()];
            let op = Op::Probability(Box::new(model.clone()));
            Ok((op, Cow::Owned(slots), false))
        }
        other => {
            let op = Op::named(other).ok_or("is not an operation this engine knows")?;
            let boolean = op.gives_condition();
            let slots = Cow::Borrowed(op.slots());
            Ok((op, slots, boolean))
        }
    }
}
