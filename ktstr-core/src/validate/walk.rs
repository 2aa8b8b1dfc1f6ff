//! The walk through a scenario: where it is, what it has found, and how much there is of everything at the
//! moment.

use super::deadlines::Deadlines;
use super::failing::Failing;
use super::loops::Overflow;
use super::state::{Cgroup, Life, NONE, State};
use super::table::{Entry, Key, Slot, Table};
use crate::model::placement::Placement;
use crate::model::scenario::Scenario;
use crate::model::site::{Part, Site};
use crate::model::topology::Topology;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::requirements::Requirements;
use crate::validate::rules::ErrorKind;
use core::time::Duration;

/// A validation under way.
pub(super) struct Walk<'w, 's, 'a> {
    pub(super) scenario: &'w Scenario<'a>,
    pub(super) topology: Option<&'w Topology>,
    pub(super) table: Table<'s, 'a>,
    findings: &'s mut [Invalid<'a>],
    /// Where the items of the scenario are kept; empty where nobody asks for them.
    pub(super) items: &'s mut [Slot<'a>],
    /// The number of the first item of the Backdrop or of the step.
    pub(super) first_item: usize,
    /// Whether the walk goes on to the end of the part in which it finds something, so that its names are
    /// kept.
    pub(super) forced: bool,
    /// Whether it ends at the end of this part.
    pub(super) ends: bool,
    pub(super) first: Option<Invalid<'a>>,
    pub(super) total: usize,
    /// Nothing more is looked at: the storage is used up, or the first error is all that was asked for.
    pub(super) over: bool,
    pub(super) needs: Requirements,
    /// Where in the Backdrop or in the step; `None` for the scenario itself.
    pub(super) part: Option<Part>,
    /// Which group of workers of a definition is looked at.
    pub(super) work: Option<u32>,
    /// The step that plays; `None` in the Backdrop.
    pub(super) step: Option<u32>,
    /// The operation that is looked at has to fail.
    pub(super) failing: Option<Failing>,
    /// In a later round of a loop: the first finding of this loop that has not been passed again yet.
    pub(super) again: Option<usize>,
    /// The place of the runner's own cgroup.
    pub(super) runner: u32,
    /// The first cgroup that the step has something in.
    pub(super) marked: u32,
    /// How many cgroups, groups of workers and payloads there are now, and how many cgroups are frozen
    /// themselves.
    pub(super) cgroups: u32,
    pub(super) groups: u32,
    pub(super) payloads: u32,
    pub(super) frozen: u32,
    /// The most groups since the round of a loop began.
    pub(super) round_groups: u32,
    /// Whether any cgroup has a `pids.max`.
    pub(super) limited: bool,
    /// Where tasks that every round of the loop adds will be too many first.
    pub(super) overflow: Option<Overflow>,
    pub(super) deadlines: Deadlines,
    /// The name of the scheduler that is attached.
    pub(super) scheduler: Option<&'a str>,
    /// Whether a step has made a cgroup that outlives it.
    pub(super) keeps: bool,
    /// Whether what is being started belongs to such a cgroup.
    pub(super) keeping: bool,
    /// What the holds so far have used of the duration, and whether one of them lasts to its end.
    pub(super) spent: Duration,
    pub(super) ended: bool,
}

impl<'w, 's, 'a> Walk<'w, 's, 'a> {
    pub(super) const fn new(
        scenario: &'w Scenario<'a>,
        topology: Option<&'w Topology>,
        table: Table<'s, 'a>,
        findings: &'s mut [Invalid<'a>],
    ) -> Self {
        Self {
            scenario,
            topology: on_machine(scenario, topology),
            table,
            findings,
            items: &mut [],
            first_item: 0,
            forced: false,
            ends: false,
            first: None,
            total: 0,
            over: false,
            needs: Requirements {
                controllers: crate::model::controllers::Controllers::NONE,
                cgroups: 0,
                groups: 0,
                payloads: 0,
                irqs: 0,
                notes: false,
                failing: 0,
                unforetold: 0,
                privileged: false,
                scheduler: false,
            },
            part: None,
            work: None,
            step: None,
            failing: None,
            again: None,
            runner: NONE,
            marked: NONE,
            cgroups: 0,
            groups: 0,
            payloads: 0,
            frozen: 0,
            round_groups: 0,
            limited: false,
            overflow: None,
            deadlines: Deadlines::NONE,
            scheduler: None,
            keeps: false,
            keeping: false,
            spent: Duration::ZERO,
            ended: false,
        }
    }

    /// Moves on to a part of the Backdrop or of the step.
    pub(super) const fn at(&mut self, part: Part) {
        self.part = Some(part);
    }

    /// The place that is looked at.
    pub(super) const fn site(&self) -> Site {
        match (self.part, self.step) {
            (None, _) => Site::Scenario,
            (Some(part), None) => Site::Backdrop(part),
            (Some(part), Some(step)) => Site::Step { step, part },
        }
    }

    /// Notes a broken rule about one name.
    #[cold]
    pub(super) const fn report(&mut self, kind: ErrorKind, name: &'a str) {
        self.note(Invalid::new(kind, self.site(), name));
    }

    /// Notes a broken rule about two names.
    #[cold]
    pub(super) const fn report_pair(&mut self, kind: ErrorKind, name: &'a str, other: &'a str) {
        self.note(Invalid { other, ..Invalid::new(kind, self.site(), name) });
    }

    /// Notes a broken rule about a number and its bound.
    #[cold]
    pub(super) const fn report_value(&mut self, kind: ErrorKind, name: &'a str, value: Value, limit: Value) {
        self.note(Invalid { value, limit, ..Invalid::new(kind, self.site(), name) });
    }

    /// Notes what is broken here. In a later round of a loop, only what the first round had nothing against
    /// counts.
    #[cold]
    pub(super) const fn note(&mut self, mut invalid: Invalid<'a>) {
        if self.findings.is_empty() && self.first.is_some() || self.scenario.permits(invalid.kind) {
            return;
        }
        if self.foretells(invalid.kind) {
            return;
        }
        invalid.work = self.work;
        if let Some(from) = self.again {
            if self.was_found(from) {
                return;
            }
            invalid.cause = Some(invalid.kind);
            invalid.kind = ErrorKind::CannotRepeat;
        }
        if self.first.is_none() {
            self.first = Some(invalid);
        }
        if self.total < self.findings.len() {
            self.findings[self.total] = invalid;
        }
        self.over |= self.findings.is_empty() && !self.forced;
        self.ends |= self.forced && self.part.is_some();
        self.total += 1;
    }

    /// Whether something was found at this operation already, in this loop. Findings come in the order of the
    /// operations, so that those before this one are passed for good.
    const fn was_found(&mut self, from: usize) -> bool {
        let mut at = from;
        while at < self.total {
            if at >= self.findings.len() {
                return true; // not kept, so nobody can say
            }
            let found = &self.findings[at];
            if let (Site::Step { part: Part::Op(one), .. }, Site::Step { part: Part::Op(here), .. }) =
                (found.site, self.site())
                && found.cause.is_none()
            {
                if one == here {
                    return true;
                }
                if one > here {
                    break;
                }
                self.again = Some(at + 1);
            }
            at += 1;
        }
        at > from && self.repeats_last()
    }

    /// Whether the last finding is about this very operation: one refusal to repeat is enough.
    const fn repeats_last(&self) -> bool {
        let last = self.total - 1;
        last < self.findings.len()
            && self.findings[last].cause.is_some()
            && matches!(
                (self.findings[last].site, self.site()),
                (Site::Step { part: Part::Op(one), .. }, Site::Step { part: Part::Op(here), .. }) if one == here
            )
    }

    /// Puts a new entry into the storage; once that is full, nothing more is looked at.
    pub(super) const fn insert(&mut self, key: Key<'_>, name: &'a str, entry: Entry) -> Option<u32> {
        if self.over {
            return None;
        }
        let place = self.table.insert(key, name, entry);
        if place.is_none() {
            self.over = true;
            self.again = None;
            let slots = Value::Count(self.table.size() as u64);
            self.report_value(ErrorKind::StorageTooSmall, "", slots, Value::None);
        }
        place
    }

    #[inline]
    pub(super) const fn cgroup(&self, at: u32) -> &Cgroup {
        self.table.cgroup(at)
    }

    #[inline]
    pub(super) const fn cgroup_mut(&mut self, at: u32) -> &mut Cgroup {
        self.table.cgroup_mut(at)
    }

    /// What messages call the cgroup at a place.
    pub(super) const fn name_of(&self, at: u32) -> &'a str {
        if at == self.runner { Placement::RunnerCgroup.name() } else { self.table.name(at) }
    }

    /// The place of the runner's cgroup, or of the living one of this name, as [`live`](Self::live) finds it.
    pub(super) const fn place(&mut self, placement: Placement<'a>, known: u32) -> Option<u32> {
        match placement {
            Placement::RunnerCgroup => Some(self.runner),
            Placement::Cgroup(path) => self.live(path, known),
        }
    }

    /// The living cgroup of this name; what is wrong otherwise is noted. `known` is its place, if it had one
    /// when the name was looked up.
    #[inline(always)]
    pub(super) const fn live(&mut self, name: &'a str, known: u32) -> Option<u32> {
        if known != NONE && self.cgroup(known).is_live() && !name.is_empty() {
            return Some(known);
        }
        self.live_since(name)
    }

    /// The living cgroup of this name, made only lately or not at all.
    #[cold]
    const fn live_since(&mut self, name: &'a str) -> Option<u32> {
        if name.is_empty() {
            self.report(ErrorKind::NameEmpty, name);
            return None;
        }
        match self.table.find(Key::Cgroup(name)) {
            NONE => self.report(ErrorKind::CgroupUnknown, name),
            at if self.cgroup(at).is_live() => return Some(at),
            at => self.report_gone(name, at),
        }
        None
    }

    const fn report_gone(&mut self, name: &'a str, at: u32) {
        let Cgroup { state, mark, .. } = *self.cgroup(at);
        match state {
            State::Ended => {
                let step = Value::Count(mark as u64 - 1);
                self.report_value(ErrorKind::CgroupEnded, name, step, Value::None);
            }
            _ => self.report(ErrorKind::CgroupRemoved, name),
        }
    }

    /// Whether something may be started in a cgroup.
    #[inline]
    pub(super) const fn check_starts(&mut self, at: u32, name: &'a str) {
        if self.frozen_at(at).is_some() {
            self.report(ErrorKind::SpawnFrozen, name);
        }
        self.check_holds_tasks(at);
    }

    /// How long what is started now in a cgroup lives.
    #[inline]
    pub(super) const fn life_in(&self, at: u32) -> Life {
        if self.step.is_some() && !self.keeping { Life::Step } else { self.cgroup(at).life }
    }

    /// The cgroup itself or the nearest one above it that is frozen.
    #[inline]
    pub(super) const fn frozen_at(&self, at: u32) -> Option<u32> {
        if self.frozen == 0 {
            return None;
        }
        let mut here = at;
        while here != NONE {
            let cgroup = self.cgroup(here);
            if cgroup.frozen {
                return Some(here);
            }
            here = cgroup.parent;
        }
        None
    }

    /// Puts a cgroup on the list of those that the end of the step has to look at.
    #[inline]
    pub(super) const fn mark(&mut self, at: u32) {
        let Some(step) = self.step else { return };
        let next = self.marked;
        let cgroup = self.cgroup_mut(at);
        if cgroup.mark != step + 1 {
            cgroup.mark = step + 1;
            cgroup.next_marked = next;
            self.marked = at;
        }
    }
}

/// The machine that a scenario is judged for: none where it lacks what the scenario needs, for there it is
/// skipped.
const fn on_machine<'w>(scenario: &Scenario<'_>, topology: Option<&'w Topology>) -> Option<&'w Topology> {
    match topology {
        Some(machine) if scenario.needs.lack_of(machine).is_none() => topology,
        Some(_) | None => None,
    }
}
