//! What the parts of a run share: the scenario, the books, where in the scenario it is, and what has come of
//! it.

use super::books::{Books, Cgroup, Owner};
use super::play::Cursor;
use crate::base::rng::mix;
use crate::execute::action::{Action, GroupId};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::{CheckResult, Observer};
use crate::judge::judgement::{Judgement, Witness, judge_comparison};
use crate::judge::unjudged::Unjudged;
use crate::judge::verdict::Verdict;
use crate::model::checks::CheckKind;
use crate::model::comparison::Comparison;
use crate::model::controllers::{Controller, Controllers};
use crate::model::cpuset::CpuSet;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::errno::Errno;
use crate::model::knob::{Knob, KnobSet, KnobValue};
use crate::model::scenario::Scenario;
use crate::model::scheduler::Scheduler;
use crate::model::site::Site;
use crate::model::topology::Topology;
use crate::report::summary::Report;
use crate::validate::items::Items;

#[derive(Debug)]
pub(super) struct Run<'s, 'a> {
    pub(super) scenario: &'a Scenario<'a>,
    pub(super) topology: &'s Topology,
    pub(super) items: Items<'s, 'a>,
    pub(super) seed: u64,
    pub(super) controllers: Controllers,
    pub(super) books: Books<'s, 'a>,
    pub(super) cursor: Cursor,
    pub(super) site: Site,
    /// The cgroup that the operation under way names, if it names one.
    pub(super) subject: &'a str,
    pub(super) next_group: u32,
    pub(super) next_payload: u32,
    /// Groups created and not yet started.
    pub(super) waiting: u32,
    /// How often workers were started.
    pub(super) starts: u32,
    /// How often time has passed on purpose: what starts in between starts together.
    pub(super) era: u32,
    /// Whether the CPUs of groups are noted, as some check of them needs.
    pub(super) watches: bool,
    /// What the operation under way has to fail with.
    pub(super) expecting: Option<Errno>,
    /// Whether nothing is carried out, so that nothing fails that has to.
    pub(super) plans: bool,
    pub(super) tearing_down: bool,
    /// Whether some operation holds a change against what a file said when its step began.
    pub(super) notes: bool,
    /// The control files that have no effect on the backend.
    pub(super) unmodelled: KnobSet,
    /// Those of them that were set.
    pub(super) without_effect: KnobSet,
    /// The scheduler that is attached, whether or not it has left by itself.
    pub(super) scheduler: Option<&'a Scheduler<'a>>,
    /// The cpuset that the first of two cgroups had, while they are exchanged.
    pub(super) aside: CpuSet,
    pub(super) report: Report,
}

impl<'a> Run<'_, 'a> {
    /// The seed of the `n`-th thing that draws.
    pub(super) fn seed_of(&self, n: u32) -> u64 {
        mix(self.seed ^ (u64::from(n) + 1))
    }

    /// The CPUs that tasks in a cgroup may use.
    pub(super) fn allowed(&self, cgroup: u32) -> &CpuSet {
        self.books.cpuset_in_force(cgroup).unwrap_or(self.topology.cpus())
    }

    pub(super) fn resolve_cpuset(&self, spec: &CpusetSpec) -> Result<CpuSet, Fault> {
        let cpus = spec.resolve(self.topology);
        if cpus.is_empty() {
            Err(Fault::new(FaultKind::Invalid, "the cpuset has no CPU here"))
        } else {
            Ok(cpus)
        }
    }

    /// Writes down that controllers are to be enabled, from a cgroup up, if any are lacking there.
    pub(super) fn ask_to_enable(&self, from: u32, needed: Controllers, to: &mut Action<'a>) -> bool {
        let Some((above, controllers)) = self.books.lacking(from, needed) else { return false };
        let path = self.books.cgroup(above).map_or("", |cgroup| cgroup.path);
        *to = Action::EnableControllers { path, controllers };
        true
    }

    /// Notes that what was lacking is enabled now.
    pub(super) fn enabled(&mut self, from: u32, needed: Controllers) {
        if let Some((above, controllers)) = self.books.lacking(from, needed)
            && let Some(cgroup) = self.books.cgroup_mut(above)
        {
            cgroup.enabled = cgroup.enabled.or(controllers);
        }
    }

    /// The cgroup that this one is in, if it is entered.
    pub(super) fn parent(&self, at: u32) -> u32 {
        self.books.cgroup(at).map_or(super::chain::NONE, |cgroup: &Cgroup<'_>| cgroup.parent)
    }

    /// Notes what a failure leaves behind, in a teardown, which goes on all the same.
    pub(super) fn give_up(&mut self, fault: &Fault, left: Option<&'a str>, observer: &mut dyn Observer<'a>) {
        if fault.kind != FaultKind::Interrupted || left.is_some() {
            self.note_error(self.site, fault.clone());
        }
        if let Some(path) = left {
            self.report.leftovers += 1;
            observer.leftover(path);
        }
    }

    /// Notes a write that has no effect on the backend. What a file holds anyway has none anywhere.
    pub(super) fn note_write(&mut self, action: &Action<'a>, observer: &mut dyn Observer<'a>) {
        if let &Action::WriteFile { path, file, .. } = action {
            // What the text comes to is not known.
            if let Some(knob) = Knob::from_file(file).filter(|&knob| self.unmodelled.has(knob)) {
                self.without_effect = self.without_effect.with(knob);
                observer.unmodelled(path, knob);
            }
            return;
        }
        let &Action::Write { path, knob, ref value } = action else { return };
        if self.unmodelled.has(knob) && knob.info().clear.value().as_ref() != Some(value) {
            self.without_effect = self.without_effect.with(knob);
            observer.unmodelled(path, knob);
        }
    }

    /// Why nothing can be concluded from how such workers fared: a control file that was set and has no
    /// effect.
    pub(super) fn doubt_of(&self, uses_memory: bool) -> Option<Unjudged> {
        let mut left = self.without_effect;
        while let Some((knob, rest)) = left.split_first() {
            let concerns = match knob.controller() {
                Some(Controller::Memory) => uses_memory,
                // No work type reads or writes a device.
                Some(Controller::Io) => false,
                Some(Controller::Cpu | Controller::Cpuset | Controller::Pids) | None => true,
            };
            if concerns {
                return Some(Unjudged::NotModelled(knob));
            }
            left = rest;
        }
        None
    }

    pub(super) fn note_error(&mut self, site: Site, fault: Fault) {
        if self.report.error.is_none() {
            self.report.error = Some((site, fault));
        }
    }

    pub(super) fn judged(
        &mut self,
        observer: &mut dyn Observer<'a>,
        subject: &'a str,
        metric: Option<&'a str>,
        group: Option<GroupId>,
        judged: Judgement,
    ) {
        let Judgement { kind, value, bound, verdict, witness, unjudged } = judged;
        let (file, comparison) = (None, None);
        let result = CheckResult {
            kind,
            subject,
            metric,
            file,
            comparison,
            value,
            bound,
            verdict,
            group,
            witness,
            unjudged,
        };
        self.count(observer, &result);
    }

    /// Judges a comparison by its two figures, as far as they are known.
    pub(super) fn judge_comparison(
        &mut self,
        comparison: &'a Comparison<'a>,
        [of, against]: [Option<f64>; 2],
        observer: &mut dyn Observer<'a>,
    ) {
        let judged = judge_comparison(comparison, of, against);
        let judged = self.doubt_of(true).map_or(judged, |why| judged.skipped(why));
        let Judgement { kind, value, bound, verdict, witness, unjudged } = judged;
        let result = CheckResult {
            kind,
            subject: comparison.of,
            metric: Some(comparison.metric.word()),
            file: None,
            comparison: Some(comparison),
            value,
            bound,
            verdict,
            group: None,
            witness,
            unjudged,
        };
        self.count(observer, &result);
    }

    /// Counts a judgement and gives it to the observer.
    pub(super) fn count(&mut self, observer: &mut dyn Observer<'a>, result: &CheckResult<'a>) {
        self.report.checks += 1;
        self.report.failed += u32::from(result.verdict == Verdict::Fail);
        self.report.verdict = self.report.verdict.and(result.verdict);
        observer.check(result);
    }

    /// Whether this is the failure that the operation has to meet; it is judged then, and the run goes on.
    pub(super) fn has_to_fail(&mut self, fault: &Fault, observer: &mut dyn Observer<'a>) -> bool {
        let Some(errno) = self.expecting.filter(|errno| errno.number() == fault.errno) else { return false };
        self.expecting = None;
        self.judge_failure(errno, Some(errno.number()), observer);
        true
    }

    /// Judges an operation that had to fail; `met` is the error that it met.
    pub(super) fn judge_failure(&mut self, errno: Errno, met: Option<i32>, observer: &mut dyn Observer<'a>) {
        let held = met == Some(errno.number());
        let judged = Judgement {
            kind: CheckKind::Fails,
            value: met.map(f64::from),
            bound: f64::from(errno.number()),
            verdict: if held { Verdict::Pass } else { Verdict::Fail },
            witness: Witness::Group,
            unjudged: None,
        };
        self.judged(observer, self.subject, None, None, judged);
    }

    /// Whose life that shares which is made now.
    pub(super) fn owner(&self, kept: bool) -> Owner {
        if self.cursor.is_in_step() && !kept { Owner::Step } else { Owner::Backdrop }
    }
}

/// The action that writes a cpuset.
pub(super) fn write_cpus(path: &str, cpus: CpuSet) -> Action<'_> {
    Action::Write { path, knob: Knob::CpusetCpus, value: KnobValue::Cpus(cpus) }
}
