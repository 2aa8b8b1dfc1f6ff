//! The keys of the control files, made from the core's table of them.

use crate::schema::shape::{Key, Kind, Range};
use crate::schema::shapes::{BYTES, BYTES_OR_MAX, COUNT, CPU_LIST, CPUSET_VALUE, TASKS_OR_MAX};
use ktstr_core::{Knob, KnobInfo, KnobKind};

/// A key for each control file, in the order of the table.
pub(crate) const LIMITS: &[Key] = &{
    let mut keys = [Key::may("", Kind::Bool, ""); Knob::ALL.len()];
    let mut i = 0;
    while i < keys.len() {
        keys[i] = key(Knob::ALL[i].info());
        i += 1;
    }
    keys
};

const fn key(info: &'static KnobInfo) -> Key {
    let key = Key::may(info.key, kind(info.kind), info.doc);
    match (info.kind, info.bounds) {
        // The two numbers of a bandwidth are one text.
        (KnobKind::Bandwidth, _) | (_, []) => key,
        (_, [bound, ..]) => key.legal(Range { least: bound.least, most: bound.most }),
    }
}

const fn kind(kind: KnobKind) -> Kind {
    match kind {
        KnobKind::Cpus => CPUSET_VALUE,
        KnobKind::Nodes => CPU_LIST,
        KnobKind::Number => COUNT,
        KnobKind::Flag => Kind::Bool,
        KnobKind::Bytes => BYTES,
        KnobKind::BytesOrMax => BYTES_OR_MAX,
        KnobKind::CountOrMax => TASKS_OR_MAX,
        KnobKind::Bandwidth => Kind::Form("cpu_max"),
    }
}
