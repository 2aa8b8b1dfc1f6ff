//! Which CPUs the workers of a group are seen on: they are judged by the cpuset in force at the time, so that
//! the watch of the groups concerned is ended before a change of it and begun again afterwards.

use super::books::{Books, Strayed, Whose};
use super::chain::NONE;
use super::run::Run;
use crate::execute::action::Action;
use crate::execute::outcome::Outcome;

/// Goes through the groups in a cgroup and in all below it, each once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sweep {
    top: u32,
    here: u32,
    group: u32,
}

impl Sweep {
    pub(super) fn new(books: &Books<'_, '_>, top: u32) -> Self {
        Self { top, here: top, group: books.groups(Whose::In(top)).first }
    }

    /// The next group whose watch has to be ended, or begun.
    fn next(&mut self, run: &Run<'_, '_>, begin: bool) -> u32 {
        let books = &run.books;
        loop {
            while let Some(group) = books.group(self.group) {
                let at = self.group;
                self.group = books.group_after(at, Whose::In(self.here));
                let known = !matches!(group.strayed, Strayed::Unknown);
                if run.has_started(group.start) && known && group.watched != begin {
                    return at;
                }
            }
            self.here = books.next_below(self.top, self.here);
            if self.here == NONE {
                return NONE;
            }
            self.group = books.groups(Whose::In(self.here)).first;
        }
    }

    /// Writes down the next watch that has to be ended or begun, and gives its group; `None` when there is
    /// none left.
    pub(super) fn ask<'a>(&mut self, run: &Run<'_, 'a>, begin: bool, to: &mut Action<'a>) -> Option<u32> {
        if !run.watches {
            return None;
        }
        let at = self.next(run, begin);
        let group = run.books.group(at)?.id;
        *to = if begin { Action::BeginCpuWatch { group } } else { Action::EndCpuWatch { group } };
        Some(at)
    }
}

impl Run<'_, '_> {
    /// Whether the workers that wait for a start were started.
    pub(super) fn has_started(&self, start: u32) -> bool {
        start < self.starts
    }

    /// Notes which CPUs a group was seen on outside the cpuset that was in force until now.
    pub(super) fn watch_ended(&mut self, at: u32, outcome: &Outcome) {
        let Some(group) = self.books.group(at) else { return };
        let Outcome::Cpus(seen) = outcome else { return };
        let outside = seen.minus(self.allowed(group.cgroup));
        let strayed = match group.strayed {
            before if outside.is_empty() => before,
            Strayed::Nowhere => Strayed::On(outside),
            Strayed::On(before) => Strayed::On(before.or(&outside)),
            Strayed::Unknown => Strayed::Unknown,
        };
        if let Some(group) = self.books.group_mut(at) {
            group.watched = false;
            group.strayed = strayed;
        }
    }

    pub(super) fn watch_begun(&mut self, at: u32) {
        if let Some(group) = self.books.group_mut(at) {
            group.watched = true;
        }
    }

    /// Notes that a watch could not be ended or begun: nothing is known of these CPUs.
    pub(super) fn watch_lost(&mut self, at: u32) {
        if let Some(group) = self.books.group_mut(at) {
            group.watched = false;
            group.strayed = Strayed::Unknown;
        }
    }
}
