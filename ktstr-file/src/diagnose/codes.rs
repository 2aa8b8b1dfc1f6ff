//! The codes of scenarios and of scenario files, in one list.

use crate::diagnose::error::Code;
use ktstr_core::rules::{RULES, Rule};
use ktstr_core::{CodeInfo, FaultKind, NoteKind};

/// What each rule, each fault, each note and each error of a file's form stands for, in the order of the
/// codes of each kind.
pub fn codes() -> impl Iterator<Item = CodeInfo> {
    let rules = RULES.iter().map(Rule::info);
    let faults = FaultKind::ALL.into_iter().map(|kind| *kind.info());
    let notes = NoteKind::ALL.into_iter().map(|kind| *kind.info());
    rules.chain(faults).chain(notes).chain(Code::ALL.into_iter().map(|code| *code.info()))
}
