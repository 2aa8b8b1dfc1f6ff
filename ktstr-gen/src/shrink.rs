//! Smaller scenarios that fail as well: what is not needed for the failure is cut away, what is needed made
//! plain. Whether one fails is the caller's question; nothing is judged here.

use crate::draft::Draft;
use crate::plain;
use ktstr_core::CheckKind;
use ktstr_core::prelude::*;
use std::ops::Range;
use std::time::Duration;

/// A smaller scenario of which `fails` still holds, such that no single piece can be cut from it or made
/// plainer; the scenario itself, if nothing can be, or if it does not fail in the first place.
///
/// `fails` is asked a few times for each piece of the scenario. It has to say the same of the same scenario;
/// if only valid ones count it has to look at that itself, as [`Search`](crate::Search) does.
///
/// ```
/// use ktstr_core::prelude::*;
/// use ktstr_gen::{Gen, shrink};
///
/// let freezes = |scenario: &Scenario<'_>| {
///     scenario.steps.iter().any(|step| step.ops.iter().any(|op| matches!(op, Op::FreezeCgroup { .. })))
/// };
/// let large = (0..).map(|seed| Gen::new(seed).scenario()).find(|draft| draft.with(freezes)).expect("one");
/// let small = shrink(&large, freezes);
/// assert_eq!(small.size(), 2, "a step, and in it the freeze: {small:?}");
/// ```
pub fn shrink<'a>(draft: &Draft<'a>, mut fails: impl for<'s> FnMut(&'s Scenario<'s>) -> bool) -> Draft<'a> {
    let mut best = draft.clone();
    loop {
        let mut cut = false;
        let mut at = 0;
        while let Some(edit) = edits(&best).get(at) {
            let smaller = edit.of(&best);
            if smaller != best && smaller.with(&mut fails) {
                (best, cut) = (smaller, true);
            } else {
                at += 1;
            }
        }
        if !cut {
            return best;
        }
    }
}

/// Bytes, fewer or lower, of which `fails` still holds: pieces are taken out as long as it does, ever smaller
/// ones, then bytes set to 0. For inputs that are no scenario, or that a fuzzer has found.
pub fn shrink_bytes(input: &[u8], mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut best = input.to_vec();
    let mut piece = best.len();
    while piece > 0 {
        let mut at = 0;
        while at < best.len() {
            let mut shorter = best.clone();
            shorter.drain(at..(at + piece).min(best.len()));
            if fails(&shorter) {
                best = shorter;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    for at in 0..best.len() {
        let byte = std::mem::take(&mut best[at]);
        if byte != 0 && !fails(&best) {
            best[at] = byte;
        }
    }
    best
}

/// One of the lists of a scenario: of the Backdrop, or of a step.
#[derive(Debug, Clone, Copy)]
enum Place {
    Backdrop,
    Step(usize),
}

/// One way to make a scenario smaller.
#[derive(Debug, Clone)]
enum Edit {
    Step(usize),
    Ops(Place, Range<usize>),
    Defs(Place, Range<usize>),
    Payload(usize),
    StepPayload(usize),
    /// The operation made plainer, in the way of this number.
    Op(Place, usize, usize),
    /// The definition made plainer, in the way of this number.
    Def(Place, usize, usize),
    Hold(usize),
    Check(CheckKind),
    Whole,
}

/// What a step lasts when it does not matter.
const BRIEF: HoldSpec = HoldSpec::Fixed(Duration::from_millis(10));

/// All ways, the largest cuts first.
fn edits(draft: &Draft<'_>) -> Vec<Edit> {
    let mut all: Vec<Edit> = (0..draft.steps.len()).map(Edit::Step).collect();
    let places = || [Place::Backdrop].into_iter().chain((0..draft.steps.len()).map(Place::Step));
    for place in places() {
        all.extend(cuts(ops(draft, place).len()).map(|range| Edit::Ops(place, range)));
        all.extend(cuts(defs(draft, place).len()).map(|range| Edit::Defs(place, range)));
    }
    all.extend((0..draft.payloads.len()).map(Edit::Payload));
    all.extend((0..draft.steps.len()).map(Edit::StepPayload));
    for place in places() {
        for (at, op) in ops(draft, place).iter().enumerate() {
            all.extend((0..plain::ways_of_op(op)).map(|way| Edit::Op(place, at, way)));
        }
        for (at, def) in defs(draft, place).iter().enumerate() {
            all.extend((0..plain::ways_of_def(def)).map(|way| Edit::Def(place, at, way)));
        }
    }
    all.extend((0..draft.steps.len()).map(Edit::Hold));
    all.extend(
        CheckKind::ALL.into_iter().filter(|&kind| draft.checks.bound(kind).is_some()).map(Edit::Check),
    );
    all.push(Edit::Whole);
    all
}

/// Parts of a list: halves, quarters and so on, down to each item, the last items first: what comes later
/// needs what comes before it.
fn cuts(length: usize) -> impl Iterator<Item = Range<usize>> {
    let sizes = std::iter::successors(Some(length), |size| (*size > 1).then(|| size.div_ceil(2)));
    sizes.filter(|&size| size > 0).flat_map(move |size| {
        (0..length.div_ceil(size)).rev().map(move |part| part * size..((part + 1) * size).min(length))
    })
}

fn ops<'d, 'a>(draft: &'d Draft<'a>, place: Place) -> &'d Vec<Op<'a>> {
    match place {
        Place::Backdrop => &draft.ops,
        Place::Step(step) => &draft.steps[step].ops,
    }
}

fn defs<'d, 'a>(draft: &'d Draft<'a>, place: Place) -> &'d Vec<CgroupDef<'a>> {
    match place {
        Place::Backdrop => &draft.cgroups,
        Place::Step(step) => &draft.steps[step].setup,
    }
}

fn ops_mut<'d, 'a>(draft: &'d mut Draft<'a>, place: Place) -> &'d mut Vec<Op<'a>> {
    match place {
        Place::Backdrop => &mut draft.ops,
        Place::Step(step) => &mut draft.steps[step].ops,
    }
}

fn defs_mut<'d, 'a>(draft: &'d mut Draft<'a>, place: Place) -> &'d mut Vec<CgroupDef<'a>> {
    match place {
        Place::Backdrop => &mut draft.cgroups,
        Place::Step(step) => &mut draft.steps[step].setup,
    }
}

impl Edit {
    /// The scenario after it.
    fn of<'a>(&self, draft: &Draft<'a>) -> Draft<'a> {
        let mut smaller = draft.clone();
        match self.clone() {
            Self::Step(step) => drop(smaller.steps.remove(step)),
            Self::Ops(place, range) => drop(ops_mut(&mut smaller, place).drain(range)),
            Self::Defs(place, range) => drop(defs_mut(&mut smaller, place).drain(range)),
            Self::Payload(at) => drop(smaller.payloads.remove(at)),
            Self::StepPayload(step) => smaller.steps[step].payload = None,
            Self::Op(place, at, way) => {
                let op = &mut ops_mut(&mut smaller, place)[at];
                *op = plain::op(op, way);
            }
            Self::Def(place, at, way) => {
                let def = &mut defs_mut(&mut smaller, place)[at];
                *def = plain::def(def, way);
            }
            Self::Hold(step) => smaller.steps[step].hold = BRIEF,
            Self::Check(check) => smaller.checks = without(smaller.checks, check),
            Self::Whole => {
                smaller.workers_per_cgroup = 1;
                smaller.duration = smaller.duration.min(Duration::from_secs(1));
            }
        }
        smaller
    }
}

fn without(checks: Checks, check: CheckKind) -> Checks {
    let mut fewer = Checks::NONE;
    for kind in CheckKind::ALL.into_iter().filter(|&kind| kind != check) {
        if let Some(bound) = checks.bound(kind) {
            fewer.set(kind, bound);
        }
    }
    fewer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_list_from_the_whole_to_each_item() {
        let parts: Vec<_> = cuts(5).collect();
        assert_eq!(parts[..4], [0..5, 3..5, 0..3, 4..5]);
        assert_eq!(parts.iter().filter(|part| part.len() == 1).count(), 6);
        assert_eq!(cuts(0).count(), 0);
    }

    #[test]
    fn failing_bytes_are_made_as_few_as_they_can_be() {
        let fails =
            |input: &[u8]| input.contains(&7) && input.iter().filter(|byte| **byte > 200).count() >= 2;
        let short = shrink_bytes(&[1, 2, 250, 3, 7, 9, 9, 201, 255, 4], fails);
        assert_eq!(short.len(), 3);
        assert!(fails(&short));
    }
}
