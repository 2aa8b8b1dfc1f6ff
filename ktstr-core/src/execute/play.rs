//! The loop that joins executor and backend, and the short forms of it.

use crate::execute::backend::Backend;
use crate::execute::channel::{Channel, Evidence};
use crate::execute::executor::{Executor, Record};
use crate::execute::fault::Fault;
use crate::execute::notice::Notice;
use crate::execute::observer::{Asked, Observer};
use crate::model::backdrop::Backdrop;
use crate::model::cgroup_def::CgroupDef;
use crate::model::comparison::{Comparison, MAX_COMPARISONS, Tally};
use crate::model::placement::Placement;
use crate::model::scenario::Scenario;
use crate::model::site::Site;
use crate::model::step::{HoldSpec, Step};
use crate::report::group_phase::{GroupPhase, Phase};
use crate::report::summary::Report;
use crate::validate::invalid::Invalid;
use crate::validate::{Checked, Slot, check, slots_to_play};
use core::time::Duration;
use heapless::Vec;

/// Why a run did not begin. Nothing was made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub enum RunError<'a> {
    /// The scenario is not valid on the backend's machine.
    #[error(transparent)]
    Invalid(Invalid<'a>),
    /// The backend lacks something.
    #[error(transparent)]
    Environment(Fault),
    /// It needs more room than there is.
    #[error(
        "the scenario needs {needed} {what}, and there is room for {room}; lend it the room that it needs: see `check` and `play`"
    )]
    Room {
        /// What there is too little room for: `slots` or `records`.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there is room for.
        room: usize,
    },
    /// It was judged for a machine that is not the backend's.
    #[error("the scenario was judged for another machine; judge it for the topology of this backend")]
    Machine,
}

/// Plays a scenario that was found valid. The same seed on the same machine asks for the same actions.
/// `records` is what the run works in, at least [`Checked::records_needed`]; what they hold does not matter.
///
/// ```
/// # use ktstr_core::{Action, Channel, Controllers, Fault, Outcome, Requirements};
/// # struct Yes(Topology);
/// # impl Backend for Yes {
/// #     fn name(&self) -> &str { "yes" }
/// #     fn topology(&self) -> &Topology { &self.0 }
/// #     fn controllers(&self) -> Controllers { Controllers::NONE }
/// #     fn preflight(&mut self, _: &Requirements) -> Result<(), Fault> { Ok(()) }
/// #     fn now(&mut self) -> std::time::Duration { std::time::Duration::ZERO }
/// #     fn perform(&mut self, action: &Action<'_>, _: &mut dyn Channel) -> Outcome {
/// #         match action {
/// #             Action::KillRemaining { .. } => Outcome::Killed { count: 0 },
/// #             _ => Outcome::Done,
/// #         }
/// #     }
/// # }
/// # let mut backend = Yes(Topology::uniform(1, 1, 2, 1));
/// use ktstr_core::prelude::*;
/// use ktstr_core::{Record, Slot, check, play, slots_to_play};
///
/// let names: Vec<String> = (0..3_000).map(|n| format!("cell_{n}")).collect();
/// let ops: Vec<Op> = names.iter().map(|name| Op::add_cgroup(name)).collect();
/// let scenario = Scenario::new("large").backdrop(Backdrop::new().lend_ops(&ops));
///
/// let topology = *backend.topology();
/// let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
/// let checked = check(&scenario, &topology, &mut slots).expect("valid");
/// let mut records = vec![Record::FREE; checked.records_needed()];
/// for seed in 0..3 {
///     let report = play(&checked, &mut records, &mut backend, seed, &mut ()).expect("it begins");
///     assert_eq!((report.actions, report.leftovers), (1 + 3 * 3_000 + 1, 0));
/// }
/// ```
///
/// On a machine that lacks what the scenario [needs](crate::Needs) nothing is made, and the report says what.
///
/// # Errors
/// When there are too few records, the backend is another machine or lacks something; nothing was made then.
/// What goes wrong later is in the report.
pub fn play<'s, 'a: 's, B: Backend + ?Sized, O: Observer<'a>>(
    checked: &Checked<'s, 'a>,
    records: &'s mut [Record<'a>],
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    let mut executor =
        Executor::new(checked, records, seed)?.without(backend.unmodelled()).planning(backend.plans());
    if backend.topology() != checked.topology() {
        return Err(RunError::Machine);
    }
    if !checked.forced {
        if let Some(lack) = checked.scenario().needs.lack(checked.topology(), &backend.offers()) {
            return Ok(Report::skipped(lack));
        }
        backend.preflight(checked.needs()).map_err(RunError::Environment)?;
    }
    let mut phases = (observer.wants_phases() || !checked.scenario().compare.is_empty())
        .then(|| Phases::of(checked.scenario()));
    loop {
        let began = executor.began();
        let Some(asked) = executor.next(observer) else { break };
        if let Some(phases) = &mut phases
            && phases.ends_before(asked.site)
        {
            phases.pass(asked.site, began, backend, observer);
        }
        let outcome = backend.perform(asked.action, &mut Forward { asked, began, observer });
        executor.resume(backend.now(), &outcome, observer);
    }
    if let Some(phases) = &phases {
        executor.compare(&phases.tallies, observer);
    }
    Ok(executor.report())
}

/// The phases of a run: which one is on, and since when.
struct Phases<'a> {
    steps: &'a [Step<'a>],
    compare: &'a [Comparison<'a>],
    /// What the two sides of each comparison have come to.
    tallies: [[Tally; 2]; MAX_COMPARISONS],
    on: Option<(u32, Duration)>,
}

impl<'a> Phases<'a> {
    fn of(scenario: &Scenario<'a>) -> Self {
        let (steps, compare) = (scenario.steps, scenario.compare);
        Self { steps, compare, tallies: [[Tally::default(); 2]; MAX_COMPARISONS], on: None }
    }

    /// Whether an action for this place belongs to another phase than the one that is on, or to none.
    fn ends_before(&self, site: Site) -> bool {
        site.phase() != self.on.map(|(step, _)| step)
    }

    /// Takes what a group did in a phase into the comparisons that look at it.
    fn count(&mut self, phase: &Phase<'_>, at: Placement<'_>, figures: &GroupPhase) {
        for (comparison, tallies) in self.compare.iter().zip(&mut self.tallies) {
            let sides =
                [(comparison.of, comparison.step), (comparison.against, comparison.step_of_against())];
            for ((cgroup, step), tally) in sides.into_iter().zip(tallies) {
                if at.path() == cgroup && step.is_none_or(|step| phase.name == Some(step)) {
                    tally.add(comparison.metric, figures);
                }
            }
        }
    }

    /// Passes from the phase that is on to that of a place.
    fn pass<B: Backend + ?Sized, O: Observer<'a>>(
        &mut self,
        site: Site,
        began: Option<Duration>,
        backend: &mut B,
        observer: &mut O,
    ) {
        let now = backend.now();
        let now = now.saturating_sub(began.unwrap_or(now));
        if let Some((step, from)) = self.on.take() {
            let name = self.steps.get(step as usize).and_then(|step| step.name);
            let phase = Phase { step, name, from, to: now };
            observer.phase(&phase);
            backend.end_phase(&mut |group, at, figures| {
                self.count(&phase, at, figures);
                observer.phase_group(&phase, group, at, figures);
            });
            self.tallies.as_flattened_mut().iter_mut().for_each(Tally::end_phase);
        }
        if let Some(step) = site.phase() {
            backend.begin_phase();
            self.on = Some((step, now));
        }
    }
}

/// The channel of a run: what the backend says of an action is the observer's.
struct Forward<'f, 'a, O> {
    asked: Asked<'f, 'a>,
    /// When the run began, by the backend's clock.
    began: Option<Duration>,
    observer: &'f mut O,
}

impl<'a, O: Observer<'a>> Channel for Forward<'_, 'a, O> {
    fn evidence(&mut self, piece: &Evidence<'_>) {
        self.observer.evidence(&self.asked, piece);
    }

    fn notice(&mut self, at: Duration, notice: &Notice<'_>) {
        let since = at.saturating_sub(self.began.unwrap_or(at));
        self.observer.notice(&self.asked, since, notice);
    }
}

/// Checks a scenario against the backend's machine, and plays it there, with storage of its own: room for
/// some 250 cgroups with a group of workers and a payload each. Larger scenarios are lent theirs, see
/// [`check`] and [`play`].
///
/// # Errors
/// When the scenario is not valid there or too large, or the backend lacks something; nothing was made then.
/// What goes wrong later is in the report.
pub fn execute_scenario<'a, B: Backend + ?Sized, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    const SMALL: usize = 128;
    const LARGE: usize = 1280;
    let needed = slots_to_play(scenario);
    if needed <= SMALL {
        in_room::<SMALL, 128, B, O>(scenario, backend, seed, observer)
    } else if needed <= LARGE {
        in_room::<LARGE, 768, B, O>(scenario, backend, seed, observer)
    } else {
        Err(RunError::Room { what: "slots", needed, room: LARGE })
    }
}

/// Plays steps without a Backdrop.
///
/// # Errors
/// As [`execute_scenario`].
pub fn execute_steps<'a, B: Backend + ?Sized, O: for<'o> Observer<'o>>(
    steps: &'a [Step<'a>],
    duration: Duration,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    let scenario = Scenario::new("steps").duration(duration).steps(steps);
    of_parts(&scenario, backend, seed, observer)
}

/// Sets cgroup definitions up, holds them for `duration`, and takes them down. Places in errors and events
/// are those of a Backdrop: `backdrop.cgroups[0]` is the first definition.
///
/// # Errors
/// As [`execute_scenario`].
pub fn execute_defs<'a, B: Backend + ?Sized, O: for<'o> Observer<'o>>(
    defs: &'a [CgroupDef<'a>],
    duration: Duration,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    const HOLD: &[Step<'static>] = &[Step::hold(HoldSpec::FULL)];
    let backdrop = Backdrop::new().lend_cgroups(defs);
    let scenario = Scenario::new("defs").duration(duration).backdrop(backdrop).steps(HOLD);
    of_parts(&scenario, backend, seed, observer)
}

/// Plays a scenario that lives no longer than this call, made of parts that do.
fn of_parts<'a, B: Backend + ?Sized, O: for<'o> Observer<'o>>(
    scenario: &Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    execute_scenario(scenario, backend, seed, observer).map_err(|error| match error {
        // Once more, for an error that lives as long as the parts.
        RunError::Invalid(invalid) => match scenario.check(Some(backend.topology())) {
            Err(invalid) => RunError::Invalid(invalid),
            Ok(_) => RunError::Invalid(Invalid::new(invalid.kind, invalid.site, "")),
        },
        RunError::Environment(fault) => RunError::Environment(fault),
        RunError::Room { what, needed, room } => RunError::Room { what, needed, room },
        RunError::Machine => RunError::Machine,
    })
}

/// Plays a scenario in room on the stack for so many slots and records.
#[inline(never)] // so that only the room that is used lies on the stack
fn in_room<'a, const SLOTS: usize, const RECORDS: usize, B: Backend + ?Sized, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    let topology = *backend.topology();
    let mut slots = Vec::<Slot<'a>, SLOTS>::new();
    fill(&mut slots, slots_to_play(scenario), Slot::FREE);
    let checked = check(scenario, &topology, &mut slots).map_err(RunError::Invalid)?;
    let needed = checked.records_needed();
    let mut records = Vec::<Record<'a>, RECORDS>::new();
    if !fill(&mut records, needed, Record::FREE) {
        return Err(RunError::Room { what: "records", needed, room: RECORDS });
    }
    play(&checked, &mut records, backend, seed, observer)
}

/// Fills a list with so many items, if it has room for them. Written item by item, only what an item says is
/// written, and not all the bytes that it could hold.
#[inline(always)]
fn fill<T: Copy, const N: usize>(list: &mut Vec<T, N>, count: usize, item: T) -> bool {
    for _ in 0..count {
        if list.push(item).is_err() {
            return false;
        }
    }
    true
}
