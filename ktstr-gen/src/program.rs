//! Programs of a few letters, each put into one of the lists of a scenario with a Backdrop and two steps.

use crate::alphabet::{DEFS, OPS, SHORT};
use ktstr_core::prelude::*;
use std::time::Duration;

/// Most letters of a program.
pub const LONGEST: usize = 5;

/// How long all holds of a program take together.
pub const DURATION: Duration = Duration::from_millis(100);

/// The lists of a scenario, in the order in which a program without a loop plays them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Definitions of the Backdrop.
    BackdropDefs,
    /// Operations of the Backdrop.
    BackdropOps,
    /// Payloads of the Backdrop.
    BackdropPayloads,
    /// Operations of a step.
    StepOps(u8),
    /// Definitions of a step.
    StepDefs(u8),
    /// The payload of a step.
    StepPayload(u8),
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::BackdropDefs,
        Self::BackdropOps,
        Self::BackdropPayloads,
        Self::StepOps(0),
        Self::StepDefs(0),
        Self::StepPayload(0),
        Self::StepOps(1),
        Self::StepDefs(1),
        Self::StepPayload(1),
    ];

    /// How many letters can stand here.
    pub fn letters(self) -> usize {
        match self {
            Self::BackdropOps | Self::StepOps(_) => OPS.len(),
            Self::BackdropDefs | Self::StepDefs(_) => DEFS.len(),
            Self::BackdropPayloads | Self::StepPayload(_) => 1,
        }
    }

    /// How many letters can stand here in one program.
    const fn room(self) -> usize {
        if matches!(self, Self::StepPayload(_)) { 1 } else { LONGEST }
    }
}

/// One program: letters in the order of their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    items: heapless::Vec<(u8, u8), LONGEST>,
    /// Whether the second step repeats its operations.
    looping: bool,
}

impl Program {
    /// Whether the second step has operations, so that repeating them makes a difference.
    pub fn can_loop(&self) -> bool {
        self.items.iter().any(|&(place, _)| Place::ALL[place as usize] == Place::StepOps(1))
    }

    /// The same program with its second step repeated.
    #[must_use]
    pub fn repeated(&self) -> Self {
        Self { looping: true, ..self.clone() }
    }

    /// Calls `visit` with each program of exactly `length` letters, without a loop, whose first letter is in
    /// the `share`-th of `shares` equal parts.
    pub fn each(length: usize, share: (usize, usize), visit: &mut impl FnMut(&Self)) {
        Self::each_unless(length, share, &|_| false, visit);
    }

    /// As [`each`](Self::each), less the programs that begin with one that is `pruned`.
    pub fn each_unless(
        length: usize,
        (share, shares): (usize, usize),
        pruned: &impl Fn(&Self) -> bool,
        visit: &mut impl FnMut(&Self),
    ) {
        let mut program = Self::default();
        if length == 0 {
            return if share == 0 {
                visit(&program)
            };
        }
        let firsts = Place::ALL
            .iter()
            .enumerate()
            .flat_map(|(place, at)| (0..at.letters()).map(move |letter| (place, letter)));
        for (place, letter) in firsts.skip(share).step_by(shares) {
            program.with_letter((place as u8, letter as u8), &mut |program| {
                program.extend(length - 1, pruned, visit);
            });
        }
    }

    fn extend(&mut self, length: usize, pruned: &impl Fn(&Self) -> bool, visit: &mut impl FnMut(&Self)) {
        if length == 0 {
            return visit(self);
        }
        if pruned(self) {
            return;
        }
        let last = self.items.last().map_or(0, |&(place, _)| place as usize);
        for (place, at) in Place::ALL.iter().enumerate().skip(last) {
            if self.items.iter().filter(|item| item.0 as usize == place).count() >= at.room() {
                continue;
            }
            for letter in 0..at.letters() {
                self.with_letter((place as u8, letter as u8), &mut |program| {
                    program.extend(length - 1, pruned, visit);
                });
            }
        }
    }

    fn with_letter(&mut self, item: (u8, u8), then: &mut dyn FnMut(&mut Self)) {
        let pushed = self.items.push(item);
        debug_assert!(pushed.is_ok(), "a program has at most {LONGEST} letters");
        then(self);
        self.items.pop();
    }

    /// Shows the program as a scenario.
    pub fn with_scenario<R>(&self, show: impl for<'a> FnOnce(&'a Scenario<'a>) -> R) -> R {
        let mut ops = heapless::Vec::<Op<'static>, LONGEST>::new();
        let mut defs = heapless::Vec::<CgroupDef<'static>, LONGEST>::new();
        let mut payloads = 0;
        let mut ends = [(0, 0); 3];
        let mut step_payloads = [None, None];
        for &(place, letter) in &self.items {
            let place = Place::ALL[place as usize];
            match place {
                Place::BackdropOps | Place::StepOps(_) => ops.extend([OPS[letter as usize]]),
                Place::BackdropDefs | Place::StepDefs(_) => defs.extend([DEFS[letter as usize]]),
                Place::BackdropPayloads => payloads += 1,
                Place::StepPayload(step) => step_payloads[step as usize] = Some(&SHORT),
            }
            let slot = match place {
                Place::BackdropDefs | Place::BackdropOps | Place::BackdropPayloads => 0,
                Place::StepOps(step) | Place::StepDefs(step) | Place::StepPayload(step) => 1 + step as usize,
            };
            ends[slot..].fill((ops.len(), defs.len()));
        }
        let slots = [((0, 0), ends[0]), (ends[0], ends[1]), (ends[1], ends[2])];
        let ops_of = |slot: usize| &ops[slots[slot].0.0..slots[slot].1.0];
        let defs_of = |slot: usize| &defs[slots[slot].0.1..slots[slot].1.1];
        let short = Duration::from_millis(20);
        let last =
            if self.looping { HoldSpec::loop_at(Duration::from_millis(30)) } else { HoldSpec::Fixed(short) };
        let steps = [HoldSpec::Fixed(short), last];
        let steps: [Step<'_>; 2] = std::array::from_fn(|step| Step {
            name: None,
            setup: defs_of(step + 1),
            ops: ops_of(step + 1),
            payload: step_payloads[step],
            hold: steps[step],
        });
        let all_payloads = [&SHORT; LONGEST];
        let scenario = Scenario {
            name: "program",
            duration: DURATION,
            workers_per_cgroup: 1,
            topology: None,
            needs: Needs::NONE,
            backdrop: Backdrop::new()
                .lend_cgroups(defs_of(0))
                .lend_ops(ops_of(0))
                .lend_payloads(&all_payloads[..payloads]),
            steps: &steps,
            checks: Checks { isolation: true, ..Checks::NONE },
            compare: &[],
            permit: &[],
        };
        show(&scenario)
    }
}
