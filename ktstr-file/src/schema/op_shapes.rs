//! The operations of a scenario file, a table each, made from the core's rows.

use crate::schema::check_shapes::FILE_CHECK;
use crate::schema::field_kinds::kind;
use crate::schema::shape::{Key, Kind, Shape};
use crate::schema::shapes::{CGROUP_NAME, CGROUP_REST, IDENTITY, LIMITS, WORK, table};
use Kind::{Tag, Text};
use ktstr_core::{Errno, FieldInfo, FieldKind, OpInfo, OpKind};
use std::sync::LazyLock;

/// An item of `ops`, before it is known which; the schema takes [`OPS`] instead.
pub(crate) const OP: Shape = table("op", "An operation.", &[&[Key::need("op", Text, "Which operation.")]]);

/// What a word for an operation stands for.
pub(crate) struct OpShape {
    pub(crate) kind: OpKind,
    /// Whether it is placed at the runner's cgroup by its word.
    pub(crate) at_runner: bool,
    /// Its keys, under its word.
    pub(crate) shape: Shape,
}

/// All words for operations.
pub(crate) static OPS: LazyLock<Vec<OpShape>> = LazyLock::new(|| {
    let infos = OpKind::ALL.into_iter().map(OpKind::info);
    infos
        .flat_map(|info| [Some(of(info, None)), info.placed.map(|(_, word)| of(info, Some(word)))])
        .flatten()
        .collect()
});

/// The words for operations.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    OPS.iter().map(|op| op.shape.name)
}

fn of(info: &'static OpInfo, at_runner: Option<&'static str>) -> OpShape {
    let word = at_runner.unwrap_or(info.word);
    let mut keys: Vec<&'static [Key]> = Vec::new();
    let mut plain = vec![Key::need("op", Tag(word), "Which operation.")];
    for field in info.fields {
        match field.kind {
            FieldKind::Placement if at_runner.is_some() => {}
            FieldKind::Work => keys.extend([WORK, IDENTITY]),
            FieldKind::Def => keys.extend([CGROUP_NAME, LIMITS, WORK, IDENTITY, CGROUP_REST]),
            FieldKind::Limits => keys.push(LIMITS),
            FieldKind::FileCheck => keys.push(FILE_CHECK),
            FieldKind::Time { .. }
            | FieldKind::Count { .. }
            | FieldKind::Number
            | FieldKind::Flag
            | FieldKind::Word { .. }
            | FieldKind::Text
            | FieldKind::Texts
            | FieldKind::Cgroup
            | FieldKind::NewCgroup
            | FieldKind::Placement
            | FieldKind::Cpuset
            | FieldKind::Affinity
            | FieldKind::Payload
            | FieldKind::PayloadName
            | FieldKind::Scheduler
            | FieldKind::Tag
            | FieldKind::Bytes
            | FieldKind::Nice
            | FieldKind::Policy => plain.push(key(field)),
        }
    }
    plain.push(Key::may(
        "fails",
        Kind::Word(Errno::NAMES),
        "What it has to fail with, as in \"EBUSY\"; the scenario fails where it does not.",
    ));
    keys.insert(0, plain.leak()); // made once, for as long as the program runs
    let doc = match at_runner {
        Some(_) => format!("{}, in the runner's own cgroup.", info.doc.trim_end_matches('.')).leak(),
        None => info.doc,
    };
    OpShape { kind: info.kind, at_runner: at_runner.is_some(), shape: table(word, doc, keys.leak()) }
}

fn key(field: &FieldInfo) -> Key {
    Key { required: field.required, ..Key::may(field.key, kind(field.kind), field.doc) }
}
