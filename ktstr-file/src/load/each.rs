//! Definitions of cgroups that stand for several: one for each CPU, cache or node of the machine, or so many.
//! They are read once for each instance, so that all that comes after sees plain definitions.

use crate::diagnose::error::Code;
use crate::load::decoder::{Decoder, Value};
use crate::load::fields::{Fields, integer_of};
use crate::schema::shape::Kind;
use crate::schema::shapes::{EACH_MOST, EACH_NUMBER};
use ktstr_core::Topology;
use std::borrow::Cow;
use toml::de::DeValue;

/// What stands for the number of the instance, in a name and in a cpuset.
pub(crate) const HOLE: &str = "{}";

/// The words of `each`.
pub(crate) const UNITS: &[&str] = &["cpu", "llc", "node"];

/// One of the cgroups that a definition stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instance {
    /// What comes in the place of `{}`: the CPU, the index of the cache or node, or a number from 0.
    pub(crate) number: usize,
    /// How many there are.
    pub(crate) of: usize,
}

/// What a definition is repeated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Each {
    Cpu,
    Llc,
    Node,
    Count(usize),
}

impl Each {
    /// The numbers of the instances on a machine; where none is known there is one.
    fn numbers(self, machine: Option<&Topology>) -> Vec<usize> {
        let count = match (self, machine) {
            (Self::Count(count), _) => count,
            (_, None) => 1,
            (Self::Cpu, Some(machine)) => return machine.cpus().iter().collect(),
            (Self::Llc, Some(machine)) => machine.llc_count(),
            (Self::Node, Some(machine)) => machine.node_count(),
        };
        (0..count).collect()
    }
}

/// The instances of a definition: none of its own where it does not say `each`.
pub(crate) fn instances(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> Vec<Option<Instance>> {
    let Some(each) = fields.get("each").and_then(|value| each(decoder, fields, value)) else {
        return vec![None];
    };
    let named = matches!(fields.get("name").map(|name| name.get_ref()), Some(DeValue::String(name)) if name.contains(HOLE));
    if !named && let Some(value) = fields.get("each") {
        let message = "`each` makes cgroups that all have the same name";
        let cure = "put `{}` into `name`, where the number of each goes, as in \"cell_{}\"";
        decoder.error_with(&value.span(), Code::Conflict, message, cure);
        return vec![None];
    }
    decoder.repeats |= !matches!(each, Each::Count(_));
    let numbers = each.numbers(decoder.machine.as_ref());
    let of = numbers.len();
    numbers.into_iter().map(|number| Some(Instance { number, of })).collect()
}

fn each(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Each> {
    match value.get_ref() {
        DeValue::Integer(_) => integer_of(decoder, "each", value, &EACH_NUMBER).map(Each::Count),
        DeValue::String(text) => match text.as_ref() {
            "cpu" => Some(Each::Cpu),
            "llc" => Some(Each::Llc),
            "node" => Some(Each::Node),
            word => {
                decoder.unknown_word(&value.span(), "each", word, UNITS);
                None
            }
        },
        _ => {
            fields.wrong(decoder, "each", value);
            None
        }
    }
}

/// A text with the number of the instance that is being read in the place of each `{}`.
pub(crate) fn filled<'t>(decoder: &Decoder<'_>, text: &'t str) -> Cow<'t, str> {
    match decoder.instance {
        Some(instance) if text.contains(HOLE) => Cow::Owned(text.replace(HOLE, &instance.number.to_string())),
        _ => Cow::Borrowed(text),
    }
}

/// A whole number, or `"{}"` for that of the instance.
pub(crate) fn number(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, name: &str) -> Option<usize> {
    let value = fields.get(name)?;
    match (value.get_ref(), decoder.instance) {
        (DeValue::String(text), Some(instance)) if text == HOLE => Some(instance.number),
        (DeValue::String(text), None) if text == HOLE => {
            let message = format!("`{name}` is \"{HOLE}\", and there is no `each` whose number it could be");
            decoder.error_with(&value.span(), Code::Conflict, message, "add `each`, or write the number");
            None
        }
        _ => integer_of(decoder, name, value, &fields.kind(name)),
    }
}

const _: () = assert!(EACH_MOST == ktstr_core::MAX_CPUS, "there may be one for each CPU");
const _: Kind = EACH_NUMBER;
