//! Stands between executor and mock and notes where the mock gives something else than was asked for: values
//! that the kernel changes without a word, and workers that do no work. The executor cannot see this, nor can
//! the oracle.

use ktstr_core::{Action, Backend, Channel, CpuSet, Knob, KnobValue, NodeSet, Outcome, WorkSpec};
use ktstr_mock::{Given, MockBackend};

/// A mock with somebody who looks at it.
#[derive(Debug)]
pub struct Witness<'m> {
    mock: &'m mut MockBackend,
    /// What was not as asked for, in words.
    pub differs: Vec<String>,
    /// How many workers reported that they had done nothing.
    pub idle: u32,
}

impl<'m> Witness<'m> {
    /// Looks at this mock.
    pub fn new(mock: &'m mut MockBackend) -> Self {
        Self { mock, differs: Vec::new(), idle: 0 }
    }

    fn shown(&self, path: &str, file: &str) -> String {
        let text = self.mock.kernel().read(&format!("ktstr/run/{path}"), file);
        text.map_or_else(|errno| errno.to_string(), |text| text.trim().to_owned())
    }

    fn check(&mut self, what: &str, asked: impl ToString, had: impl ToString) {
        let (asked, had) = (asked.to_string(), had.to_string());
        if asked != had {
            self.differs.push(format!("{what}: {asked} asked for, {had} had"));
        }
    }

    fn look(&mut self, action: &Action<'_>, outcome: &Outcome) {
        match (*action, outcome) {
            (
                Action::Write {
                    path,
                    knob,
                    value: value @ (KnobValue::Number(_) | KnobValue::Max | KnobValue::Bandwidth(_)),
                },
                Outcome::Done,
            ) => {
                let had = self.shown(path, knob.file());
                // The value for devices that have none of their own.
                self.check(knob.file(), value, had.strip_prefix("default ").unwrap_or(&had));
            }
            (
                Action::Write { path, knob: Knob::CpusetMems, value: value @ KnobValue::Nodes(_) },
                Outcome::Done,
            ) => {
                let had = self.shown(path, "cpuset.mems.effective");
                self.check("cpuset.mems", value, had);
            }
            (Action::Spawn { group, placement, work, workers, .. }, Outcome::Done) => {
                let given = self.mock.given(group).expect("the group was just made");
                self.look_at_workers(&work, &given);
                let shown = |path| CpuSet::parse(&self.shown(path, "cpuset.cpus.effective")).ok();
                let cpus = placement.cgroup().and_then(shown).map_or(0, |cpus| cpus.len());
                let share = WorkSpec { workers: None, ..work }.count(0, Some(cpus));
                for asked in [work.workers, work.workers_pct.map(|_| share)].into_iter().flatten() {
                    self.check("workers", asked, workers);
                }
            }
            (Action::WriteFile { path, file, text }, Outcome::Done) => {
                self.check(file, text.trim(), self.shown(path, file).trim());
            }
            (Action::Collect { .. }, Outcome::Report(report)) if report.iterations == 0 => self.idle += 1,
            _ => {}
        }
    }

    fn look_at_workers(&mut self, work: &WorkSpec<'_>, given: &Given) {
        let said = |id: Option<u32>| id.map_or("none".to_owned(), |id| id.to_string());
        let nodes = |nodes: Option<NodeSet>| nodes.map_or("none".to_owned(), |nodes| nodes.to_string());
        self.check("nice", work.nice.unwrap_or(0), given.nice);
        self.check("name", work.comm.unwrap_or_default(), given.name().escape_ascii());
        self.check("user", said(work.uid), said(given.uid));
        self.check("group", said(work.gid), said(given.gid));
        self.check("nodes", nodes(work.mem_policy.nodes()), nodes(given.nodes));
        self.check("flags", format!("{:?}", work.mpol_flags), format!("{:?}", given.flags));
    }
}

impl Backend for Witness<'_> {
    ktstr_core::forward_backend!(|this| this.mock);

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        let outcome = self.mock.perform(action, channel);
        self.look(action, &outcome);
        outcome
    }
}
