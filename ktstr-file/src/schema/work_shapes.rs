//! The work types as tables of a scenario file: one shape for each row of the core's table, its arguments as
//! keys.

use crate::render::plain::{range, shown};
use crate::schema::field_kinds::kind;
use crate::schema::shape::{Key, Kind, Range, Shape, Variants};
use ktstr_core::{FieldInfo, FieldValue, WORK_TYPES, WorkTypeInfo};
use std::sync::LazyLock;

/// A work type with arguments.
pub(crate) const WORK_TYPE: Variants = Variants {
    name: "work_type",
    doc: "What a worker does, with arguments; those not given have their usual values.",
    shapes,
};

/// The key that says which work type it is.
pub(crate) const TYPE: &str = "type";

/// The shape of each work type, in the order of the table.
pub(crate) fn shapes() -> &'static [Shape] {
    static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| WORK_TYPES.iter().map(shape).collect());
    &SHAPES
}

/// Shapes are lent for ever, and each is made once.
fn shape(info: &'static WorkTypeInfo) -> Shape {
    let mut keys = vec![Key::need(TYPE, Kind::Tag(info.name), info.doc)];
    keys.extend(info.fields.iter().map(key));
    let keys: &[Key] = Vec::leak(keys);
    Shape { name: info.name, doc: info.doc, keys: Vec::leak(vec![keys]) }
}

fn key(field: &FieldInfo) -> Key {
    let legal = match field.kind.ends() {
        Some([FieldValue::Count(least), FieldValue::Count(most)]) => Some(Range { least, most }),
        Some(_) | None => None,
    };
    Key { legal, ..Key::may(field.key, kind(field.kind), String::leak(described(field))) }
}

/// What a field is for, in which range, and what it usually is.
fn described(field: &FieldInfo) -> String {
    let usual = field.usual.map(|value| format!("usually {}", shown(field.kind, value)));
    let about: Vec<_> = range(field.kind).into_iter().chain(usual).collect();
    format!("{} {}.", field.doc, about.join(", "))
}
