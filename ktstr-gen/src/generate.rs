//! Scenarios that validation accepts, out of a seed or of bytes. A scenario grows by one thing at a time:
//! what is drawn, and refused, is drawn anew a few times and then left out. So whatever rows the tables of
//! the core get is made here too, and no rule of validation is repeated. Scenarios that break rules are made
//! by [`hostile`](crate::hostile).

mod draw;

use crate::draft::{Draft, DraftStep};
use crate::source::Source;
use draw::Draw;
use ktstr_core::prelude::*;
use ktstr_core::{BoundKind, CheckBound, CheckKind, NumberRange, OpKind, OpValue, Relation, Rng};
use ktstr_core::{Scratch, Slot, check, slots_needed, slots_to_play, validate};
use std::time::Duration;

/// How often something is drawn anew that was refused, before it is left out.
const TRIES: usize = 4;

/// Most steps of a scenario.
const MOST_STEPS: usize = 5;
/// What steps are called after their places; the last has no name.
const STEP_NAMES: [&str; MOST_STEPS - 1] = ["first", "second", "third", "fourth"];

/// The records that [`execute_scenario`] has for a scenario of any size: a loop takes some for each round.
const ROOM: usize = 128;

/// Ends by itself, at once: `true`.
static QUICK: Payload = Payload::binary("quick", "true");
/// Runs until it is killed, or for a minute: `sleep 60`.
static LONG: Payload = Payload::binary("long", "sleep").default_args(&["60"]);
static ENDING: [&Payload; 1] = [&QUICK];
static ENDLESS: [&Payload; 1] = [&LONG];

/// Makes scenarios, one after the other.
///
/// ```
/// use ktstr_core::prelude::*;
/// use ktstr_gen::Gen;
///
/// let mut generator = Gen::new(7).topology(Topology::uniform(1, 2, 4, 1)).size(12);
/// let (first, second) = (generator.scenario(), generator.scenario());
/// assert_ne!(first, second);
/// assert_eq!(first, Gen::new(7).topology(Topology::uniform(1, 2, 4, 1)).size(12).scenario());
///
/// // The input of a fuzz target: small changes of the bytes are small changes of the scenario.
/// let fuzzed = Gen::from_bytes(b"any bytes").scenario();
/// assert!(fuzzed.size() <= 24);
/// ```
#[derive(Debug, Clone)]
pub struct Gen<'b> {
    source: Source<'b>,
    topology: Topology,
    size: usize,
    checks: Option<Checks>,
    without: Vec<OpKind>,
    ending: &'static [&'static Payload<'static>],
    endless: &'static [&'static Payload<'static>],
    schedulers: &'static [&'static Scheduler<'static>],
}

impl Gen<'static> {
    /// Scenarios drawn from a seed: the same ones each time.
    pub fn new(seed: u64) -> Self {
        Self::of(Source::Seed(Rng::new(seed)))
    }
}

impl<'b> Gen<'b> {
    /// Scenarios drawn from bytes: the first one takes as many as it needs, the next one goes on there. When
    /// they are used up a scenario ends.
    pub fn from_bytes(bytes: &'b [u8]) -> Self {
        Self::of(Source::Bytes(bytes))
    }

    fn of(source: Source<'b>) -> Self {
        Self {
            source,
            topology: Topology::uniform(1, 2, 2, 1),
            size: 24,
            checks: None,
            without: Vec::new(),
            ending: &ENDING,
            endless: &ENDLESS,
            schedulers: &[],
        }
    }

    /// The same generator with another seed.
    #[must_use]
    pub fn seed(self, seed: u64) -> Gen<'static> {
        let Self { topology, size, checks, without, ending, endless, schedulers, .. } = self;
        let source = Source::Seed(Rng::new(seed));
        Gen { source, topology, size, checks, without, ending, endless, schedulers }
    }

    /// The machine that scenarios are made for, and valid on: of [`Topology::uniform(1, 2, 2,
    /// 1)`](Topology::uniform), four CPUs, unless said.
    #[must_use]
    pub fn topology(mut self, topology: Topology) -> Self {
        self.topology = topology;
        self
    }

    /// Most definitions, operations, payloads and steps of a scenario together; 24 unless said.
    #[must_use]
    pub fn size(mut self, most: usize) -> Self {
        self.size = most;
        self
    }

    /// What is expected of workers. Unless said it is drawn, from bounds that no run misses.
    #[must_use]
    pub fn checks(mut self, checks: Checks) -> Self {
        self.checks = Some(checks);
        self
    }

    /// No operations of these kinds: what the backend under test cannot do.
    #[must_use]
    pub fn without(mut self, kinds: &[OpKind]) -> Self {
        self.without.extend(kinds);
        self
    }

    /// The payloads that are run: those that end by themselves, and those that have to be killed. Unless said
    /// they are the programs `true` and `sleep`.
    #[must_use]
    pub fn payloads(
        mut self,
        ending: &'static [&'static Payload<'static>],
        endless: &'static [&'static Payload<'static>],
    ) -> Self {
        (self.ending, self.endless) = (ending, endless);
        self
    }

    /// The schedulers that are attached. Unless said there are none.
    #[must_use]
    pub fn schedulers(mut self, schedulers: &'static [&'static Scheduler<'static>]) -> Self {
        self.schedulers = schedulers;
        self
    }

    /// The next scenario. Validation accepts it on the machine of the generator, unless that has no CPU that
    /// could be used, and [`execute_scenario`] has room for it.
    pub fn scenario(&mut self) -> Draft<'static> {
        let mut draft = Draft::new("generated");
        draft.duration = Duration::from_millis(200);
        draft.checks = self.checks.unwrap_or_else(|| harmless_checks(&mut self.source));
        let most = match self.source {
            Source::Bytes(_) => self.size,
            Source::Seed(_) => 1 + self.source.number() as usize % self.size.max(1),
        };
        // A scenario can come to where nothing more fits.
        for _ in 0..2 * most {
            if draft.size() >= most || self.source.is_over() {
                break;
            }
            self.grow(&mut draft);
        }
        if draft.steps.is_empty() {
            draft.steps.push(DraftStep { hold: HoldSpec::FULL, ..DraftStep::default() });
        }
        draft
    }

    /// One thing more, or none, if all that was drawn was refused.
    fn grow(&mut self, draft: &mut Draft<'static>) {
        let what = self.source.byte();
        for _ in 0..TRIES {
            let undo = self.add(draft, what);
            if self.accepts(draft) {
                return;
            }
            undo.undo(draft);
            if self.source.is_over() {
                return;
            }
        }
    }

    /// Adds what a byte says, at the end of what is there.
    fn add(&mut self, draft: &mut Draft<'static>, what: u8) -> Undo {
        let known = Known::of(draft);
        let mut draw = Draw {
            source: &mut self.source,
            topology: &self.topology,
            known: &known,
            ending: self.ending,
            endless: self.endless,
            schedulers: self.schedulers,
        };
        match what {
            0..150 => {
                let kinds: Vec<_> =
                    OpKind::ALL.into_iter().filter(|kind| !self.without.contains(kind)).collect();
                let Some(op) = draw.op(&kinds) else { return Undo::Nothing };
                draft.steps.last_mut().map_or(&mut draft.ops, |step| &mut step.ops).push(op);
                Undo::Op
            }
            150..214 => {
                let def = draw.def();
                draft.steps.last_mut().map_or(&mut draft.cgroups, |step| &mut step.setup).push(def);
                Undo::Def
            }
            214..222 if draft.steps.is_empty() => {
                let Some(payload) = draw.payload() else { return Undo::Nothing };
                draft.payloads.push(payload);
                Undo::Payload
            }
            _ if draft.steps.len() < MOST_STEPS => {
                let payload = if draw.source.chance(3) { draw.payload() } else { None };
                let hold = draw.hold(draft.duration);
                let name = STEP_NAMES.get(draft.steps.len()).copied();
                draft.steps.push(DraftStep { name, payload, hold, ..DraftStep::default() });
                Undo::Step
            }
            _ => Undo::Nothing,
        }
    }

    fn accepts(&self, draft: &Draft<'static>) -> bool {
        draft.with(|scenario| {
            let mut slots = vec![Slot::FREE; slots_to_play(scenario)];
            let checked = check(scenario, &self.topology, &mut slots);
            checked.is_ok_and(|checked| checked.records_needed() <= ROOM)
        })
    }
}

/// Whether validation accepts a scenario on a machine.
pub fn is_valid<'a>(scenario: &'a Scenario<'a>, topology: &Topology) -> bool {
    let mut slots = vec![Slot::FREE; slots_needed(scenario)];
    validate(scenario, Some(topology), &mut Scratch::new(&mut slots)).is_ok()
}

/// How the last thing that was added is taken away.
#[derive(Debug, Clone, Copy)]
enum Undo {
    Nothing,
    Op,
    Def,
    Payload,
    Step,
}

impl Undo {
    fn undo(self, draft: &mut Draft<'static>) {
        let step = draft.steps.last_mut();
        match self {
            Self::Nothing => {}
            Self::Op => _ = step.map_or(&mut draft.ops, |step| &mut step.ops).pop(),
            Self::Def => _ = step.map_or(&mut draft.cgroups, |step| &mut step.setup).pop(),
            Self::Payload => _ = draft.payloads.pop(),
            Self::Step => _ = draft.steps.pop(),
        }
    }
}

/// What a scenario has so far, for what comes next to name.
#[derive(Debug, Default)]
struct Known {
    /// Cgroups that were made, those that were removed included.
    cgroups: Vec<&'static str>,
    /// Cgroups with a cpuset of their own.
    with_cpus: Vec<&'static str>,
}

impl Known {
    fn of(draft: &Draft<'static>) -> Self {
        let mut known = Self::default();
        for def in draft.all_defs() {
            known.cgroups.push(def.name);
            if def.limits.cpuset.is_some() {
                known.with_cpus.push(def.name);
            }
        }
        for op in draft.all_ops() {
            for field in op.fields() {
                match field.value {
                    OpValue::NewCgroup(name) => known.cgroups.push(name),
                    OpValue::Cgroup(name) if op.cpuset().is_some() => known.with_cpus.push(name),
                    _ => {}
                }
            }
        }
        known
    }
}

/// Checks that no run of a valid scenario fails, with bounds that nothing can miss. Isolation is among them,
/// as only a mistake of the kernel, or ours, fails it.
fn harmless_checks(source: &mut Source<'_>) -> Checks {
    let mut checks = Checks { isolation: source.chance(8), ..Checks::NONE };
    for kind in CheckKind::ALL {
        let info = kind.info();
        let harmless = match (info.bound, info.relation) {
            (BoundKind::Time, Relation::AtMost) => Some(CheckBound::Time(Duration::MAX)),
            (BoundKind::Time, Relation::AtLeast) => Some(CheckBound::Time(Duration::ZERO)),
            (BoundKind::Number(NumberRange::Share), Relation::AtMost) => Some(CheckBound::Number(1.0)),
            (BoundKind::Number(_), Relation::AtMost) => Some(CheckBound::Number(f64::MAX)),
            (BoundKind::Number(NumberRange::FromZero), Relation::AtLeast) => Some(CheckBound::Number(0.0)),
            (BoundKind::Time | BoundKind::Number(_), Relation::Equals | Relation::AtLeast) => None,
            (
                BoundKind::Flag(_) | BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler,
                _,
            ) => None,
        };
        if let Some(bound) = harmless.filter(|bound| info.admits(*bound))
            && source.chance(3)
        {
            checks.set(kind, bound);
        }
    }
    checks
}
