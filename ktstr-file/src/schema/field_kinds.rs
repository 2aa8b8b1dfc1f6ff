//! What the kinds of fields that rows of the core's tables have are in a scenario file.

use crate::schema::shape::Kind;
use crate::schema::shapes::{
    AFFINITIES, AFFINITY, BYTES, CGROUP, COUNT, CPUSET_VALUE, DURATION, NICE, POLICY, WORKS,
};
use ktstr_core::FieldKind;

/// The kind of the key for a field. Ranges are not the loader's to judge, so that an error of meaning is
/// shown as such.
pub(crate) fn kind(kind: FieldKind) -> Kind {
    match kind {
        FieldKind::Time { .. } => DURATION,
        FieldKind::Count { .. } => COUNT,
        FieldKind::Bytes => BYTES,
        FieldKind::Nice => NICE,
        FieldKind::Policy => POLICY,
        FieldKind::Number => Kind::Number,
        FieldKind::Flag => Kind::Bool,
        FieldKind::Word { words, .. } => Kind::Word(words),
        FieldKind::Texts => Kind::List(&Kind::Text),
        FieldKind::Cpuset => CPUSET_VALUE,
        FieldKind::Affinity => Kind::Either(&[Kind::Word(AFFINITIES), Kind::Table(&AFFINITY)]),
        FieldKind::Work => Kind::Table(&WORKS),
        FieldKind::Def | FieldKind::Limits | FieldKind::FileCheck => Kind::Table(&CGROUP),
        FieldKind::Text
        | FieldKind::Cgroup
        | FieldKind::NewCgroup
        | FieldKind::Placement
        | FieldKind::Payload
        | FieldKind::PayloadName
        | FieldKind::Scheduler
        | FieldKind::Tag => Kind::Text,
    }
}
