//! The theorem, for one scenario: what validation accepts runs clean on the mock; what it refuses, forced to
//! run, goes wrong first at the place that the error names, in the way that the rule's class says.

use super::oracle::{Breach, Oracle};
use ktstr_core::rules::{Class, ErrorKind};
use ktstr_core::{
    CgroupDef, Checked, FaultKind, FieldKind, Invalid, Op, OpKind, Part, Record, Report, Requirements,
    Scenario, Scratch, Site, Slot, Step, Topology, Verdict, check, play, slots_needed, slots_to_play,
    validate,
};
use ktstr_gen::alphabet::TOPOLOGY;
use ktstr_mock::{MockBackend, Script};
use std::time::Duration;

/// Room for groups of workers: more than any scenario here needs at a time.
const ROOM: usize = super::shadow::ROOM;

/// The program that forks.
const FORKS: &str = "stubborn";

/// Slots for validation: enough for anything that is enumerated or generated.
const SLOTS: usize = 512;

/// Rules about values whose breach the oracle cannot see, or sees only beside something else: values that are
/// changed without a word, names, and limits that matter to whoever comes under them. `tests/value_rules.rs`
/// has a witness of each.
pub const UNSEEN: [ErrorKind; 16] = [
    ErrorKind::ExpectNothing,
    ErrorKind::WorkArguments,
    ErrorKind::Nice,
    ErrorKind::Comm,
    ErrorKind::MemPolicyFlagsUnused,
    ErrorKind::MemPolicyOutside,
    ErrorKind::UserInvalid,
    ErrorKind::PayloadName,
    ErrorKind::PayloadFile,
    ErrorKind::CaptureTag,
    ErrorKind::WorkersTwice,
    ErrorKind::MemoryTooSmall,
    ErrorKind::MemoryTooLarge,
    ErrorKind::MemsEmpty,
    ErrorKind::SchedulerName,
    ErrorKind::SchedulerFile,
];

/// How one scenario bore the theorem out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// It was accepted and ran clean.
    Clean,
    /// It was refused for a value of the scenario as a whole, or for one that the mock takes as it comes.
    Malformed(ErrorKind),
    /// It takes more than the executor here has room for, so that it shows nothing.
    TooLarge,
    /// It does not bear the theorem out, but a program in it forks on by itself, and there is a `pids.max`:
    /// which of its tasks that refuses, no scenario says.
    Unforeseen,
    /// It was accepted, and an operation that has to fail, of which no rule foretells that, did not.
    Unforetold,
    /// It was refused, and this showed at the place.
    Refused {
        /// The rule.
        kind: ErrorKind,
        /// For a rule of loops: the rule that the later round breaks.
        cause: Option<ErrorKind>,
        /// The first thing that went wrong when it was forced.
        shown: Breach,
    },
}

impl Finding {
    /// The rule's code, or `clean`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::TooLarge => "large",
            Self::Unforeseen => "forks",
            Self::Unforetold => "unforetold",
            Self::Malformed(kind) | Self::Refused { kind, .. } => kind.code(),
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Clean => f.write_str("clean  accepted, and nothing went wrong"),
            Self::TooLarge => f.write_str("large  no room for it"),
            Self::Unforeseen => f.write_str("forks  a program's own forks and a pids.max"),
            Self::Unforetold => {
                f.write_str("unforetold  what has to fail did not, and no rule says that it does")
            }
            Self::Malformed(kind) => write!(f, "{}  {kind:?}", kind.code()),
            Self::Refused { kind, cause: None, shown } => write!(f, "{}  {kind:?}: {shown:?}", kind.code()),
            Self::Refused { kind, cause: Some(cause), shown } => {
                write!(f, "{}  {kind:?} for {} {cause:?}: {shown:?}", kind.code(), cause.code())
            }
        }
    }
}

/// What came of a scenario whose broken promise was permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permitted {
    /// The rule.
    pub kind: ErrorKind,
    /// How it ended.
    pub went: &'static str,
}

/// Tries one scenario after the other on one mock.
#[derive(Debug)]
pub struct Court {
    mock: MockBackend,
}

impl Default for Court {
    fn default() -> Self {
        Self::new()
    }
}

impl Court {
    /// A mock with the programs of the alphabet.
    pub fn new() -> Self {
        Self { mock: machine() }
    }

    /// Holds the theorem against one scenario.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn try_scenario<'a>(&mut self, scenario: &'a Scenario<'a>) -> Result<Finding, String> {
        self.mock.reset();
        let mut oracle = Oracle::new(scenario, &TOPOLOGY);
        let (verdict, report) = with_forced(scenario, &TOPOLOGY, |checked, verdict, records| {
            let report = play(checked, records, &mut self.mock, 1, &mut oracle).expect("enough records");
            (verdict, report)
        });
        let breaches = oracle.finish(&report);
        if report.error.as_ref().is_some_and(|(_, fault)| fault.kind == FaultKind::NoRoom && fault.errno == 0)
        {
            return Ok(Finding::TooLarge);
        }
        let finding = match verdict {
            Ok(needs) if needs.unforetold > 0 && unexpected(&report).is_some() => Ok(Finding::Unforetold),
            // The run does not come as far as what is refused; without that operation it does, in a shorter
            // program.
            Err(invalid) if unexpected(&report).is_some_and(|site| site != invalid.site) => {
                Ok(Finding::Unforetold)
            }
            Ok(_) => self.ran_clean(&report, breaches).map(|()| Finding::Clean),
            Err(invalid) => {
                went_wrong(&invalid, breaches).map_err(|why| format!("refused: {invalid}\n{why}"))
            }
        };
        finding.or_else(|why| if forks_meet_a_limit(scenario) { Ok(Finding::Unforeseen) } else { Err(why) })
    }

    /// Tries a scenario that is refused for a promise with all promises permitted: it is let in, goes through
    /// or fails at a place, and what it leaves behind is named. `None` for one that is refused otherwise.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn try_permitted<'a>(&mut self, scenario: &'a Scenario<'a>) -> Result<Option<Permitted>, String> {
        let Err(invalid) = judged(scenario) else { return Ok(None) };
        let broken = invalid.cause.unwrap_or(invalid.kind);
        if !broken.rule().can_be_permitted() {
            return Ok(None);
        }
        let promises: Vec<ErrorKind> =
            ErrorKind::ALL.into_iter().filter(|kind| kind.rule().can_be_permitted()).collect();
        let lenient = Scenario { permit: &promises, ..scenario.clone() };
        self.mock.reset();
        let mut slots = vec![Slot::FREE; slots_to_play(&lenient)];
        let Ok(checked) = check(&lenient, &TOPOLOGY, &mut slots) else { return Ok(None) };
        let mut records = vec![Record::FREE; checked.records_needed() + ROOM];
        let report = play(&checked, &mut records, &mut self.mock, 1, &mut ()).expect("enough records");
        let left = is_empty(&self.mock);
        match (&report.error, report.leftovers, left) {
            (_, 0, Err(left)) => Err(format!("permitted, and not named: {left}; {invalid}")),
            (None, 0, Ok(())) => Ok(Some(Permitted { kind: broken, went: "went through" })),
            (Some(_), 0, Ok(())) => Ok(Some(Permitted { kind: broken, went: "failed, left nothing" })),
            (_, _, _) => Ok(Some(Permitted { kind: broken, went: "left what it named" })),
        }
    }

    fn ran_clean(&self, report: &Report, breaches: &[(Site, Breach)]) -> Result<(), String> {
        if let [first, ..] = breaches {
            return Err(format!("accepted, but {first:?}; {:?}", report.error));
        }
        if report.verdict == Verdict::Fail || report.error.is_some() {
            return Err(format!("accepted, but {report:?}"));
        }
        is_empty(&self.mock).map_err(|left| format!("accepted, but {left}"))
    }
}

/// Where a run ended as an operation that has to fail did not, or otherwise.
fn unexpected(report: &Report) -> Option<Site> {
    let error = report.error.as_ref().filter(|(_, fault)| fault.kind == FaultKind::NotAsExpected);
    error.map(|(site, _)| *site)
}

/// Whether a program that forks runs in a scenario with a limit of tasks.
fn forks_meet_a_limit(scenario: &Scenario<'_>) -> bool {
    let backdrop = &scenario.backdrop;
    let ops = || scenario.steps.iter().flat_map(|step| step.ops).chain(&backdrop.ops);
    let added = ops().filter_map(Op::def);
    let setups = scenario.steps.iter().flat_map(|step| step.setup);
    let defs: Vec<&CgroupDef<'_>> = setups.chain(&backdrop.cgroups).chain(added).collect();
    let started =
        scenario.steps.iter().filter_map(|step| step.payload).chain(backdrop.payloads.iter().copied());
    let mut payloads =
        ops().filter_map(Op::payload).chain(started).chain(defs.iter().filter_map(|def| def.payload));
    let mut set =
        ops().filter_map(|op| if let Op::SetLimits { limits, .. } = op { Some(*limits) } else { None });
    (defs.iter().any(|def| def.limits.pids_max.is_some()) || set.any(|limits| limits.pids_max.is_some()))
        && payloads.any(|payload| payload.binary == FORKS)
}

/// A mock with the programs that scenarios here run.
pub fn machine() -> MockBackend {
    MockBackend::new(TOPOLOGY)
        .program("short", Script::exits_after(Duration::from_millis(150), 0))
        .program(FORKS, Script::runs().ignores_sigterm().forks(2))
}

/// Whether a machine is as it was before any run.
///
/// # Errors
/// What is left.
pub fn is_empty(mock: &MockBackend) -> Result<(), String> {
    let kernel = mock.kernel();
    let cgroups =
        kernel.children("ktstr").map_err(|errno| format!("the parent cgroup is not there: {errno}"))?;
    if !cgroups.is_empty() {
        return Err(format!("cgroups are left: {cgroups:?}"));
    }
    let procs =
        kernel.read("runner", "cgroup.procs").map_err(|errno| format!("the runner is not there: {errno}"))?;
    match procs.lines().count() {
        1 => match mock.attached_scheduler() {
            Some(name) => Err(format!("the scheduler {name} is attached")),
            None => Ok(()),
        },
        count => Err(format!("{} processes are left beside the supervisor", count - 1)),
    }
}

/// Judges a scenario and lets it be played whatever comes of that. `work` is given the verdict, and records
/// with room for [`ROOM`] groups of workers.
pub(super) fn with_forced<'a, T>(
    scenario: &'a Scenario<'a>,
    topology: &Topology,
    work: impl FnOnce(&Checked<'_, 'a>, Result<Requirements, Invalid<'a>>, &mut [Record<'a>]) -> T,
) -> T {
    // A large frame costs each run, also where little of it is used.
    match slots_to_play(scenario) {
        slots @ 0..=96 => forced_in::<96, 160, T>(scenario, topology, slots, work),
        slots => forced_in::<{ SLOTS + SLOTS / 2 }, SLOTS, T>(scenario, topology, slots, work),
    }
}

#[inline(never)]
fn forced_in<'a, const N: usize, const M: usize, T>(
    scenario: &'a Scenario<'a>,
    topology: &Topology,
    needed: usize,
    work: impl FnOnce(&Checked<'_, 'a>, Result<Requirements, Invalid<'a>>, &mut [Record<'a>]) -> T,
) -> T {
    let mut slots = heapless::Vec::<Slot<'a>, N>::new();
    for _ in 0..needed {
        assert!(slots.push(Slot::FREE).is_ok(), "no scenario here is as large");
    }
    let (checked, verdict) = Checked::forced(scenario, topology, &mut slots).expect("enough slots");
    let mut records = heapless::Vec::<Record<'a>, M>::new();
    let named = checked.records_needed() - checked.needs().groups as usize;
    for _ in 0..named + spare_records(scenario) {
        assert!(records.push(Record::FREE).is_ok(), "no scenario here is as large");
    }
    work(&checked, verdict, &mut records)
}

/// Which operations make something that takes a record: all but those whose fields only name what is there.
const MAKES: [bool; OpKind::ALL.len()] = {
    let mut makes = [false; OpKind::ALL.len()];
    let mut kind = 0;
    while kind < makes.len() {
        let mut fields = OpKind::ALL[kind].info().fields;
        while let [field, rest @ ..] = fields {
            // A number may be that of an interrupt; a kind that is not known here counts as one that makes.
            makes[kind] |= !matches!(
                field.kind,
                FieldKind::Time { .. }
                    | FieldKind::Number
                    | FieldKind::Flag
                    | FieldKind::Word { .. }
                    | FieldKind::Text
                    | FieldKind::Texts
                    | FieldKind::Cgroup
                    | FieldKind::Placement
                    | FieldKind::Cpuset
                    | FieldKind::Affinity
                    | FieldKind::Limits
                    | FieldKind::FileCheck
                    | FieldKind::PayloadName
                    | FieldKind::Tag
                    | FieldKind::Bytes
                    | FieldKind::Nice
                    | FieldKind::Policy
            );
            fields = rest;
        }
        kind += 1;
    }
    makes
};

/// Records beside those of names: at least as many as a run has groups of workers, and things whose names
/// lead nowhere, up to [`ROOM`].
fn spare_records(scenario: &Scenario<'_>) -> usize {
    let of_def = |def: &CgroupDef<'_>| 2 + def.work_count();
    let of_op = |op: &Op<'_>| op.def().map_or(usize::from(MAKES[op.kind() as usize]), of_def);
    let of_step = |step: &Step<'_>| {
        let ops: usize = step.ops.iter().map(of_op).sum();
        let of_ops = if step.is_loop() { ops * ROOM } else { ops };
        of_ops + step.setup.iter().map(of_def).sum::<usize>() + 1
    };
    let backdrop = &scenario.backdrop;
    let of_backdrop = backdrop.cgroups.iter().map(of_def).chain(backdrop.ops.iter().map(of_op));
    let of_steps = scenario.steps.iter().map(of_step);
    ROOM.min(of_backdrop.chain(of_steps).sum::<usize>() + backdrop.payloads.len())
}

/// What validation says, on the machine of the alphabet.
pub fn judged<'a>(scenario: &'a Scenario<'a>) -> Result<(), Invalid<'a>> {
    // Slots are cleared for each validation; a few sizes spare the short scenarios the long ones' share.
    match slots_needed(scenario) {
        0..=32 => judged_with::<32>(scenario),
        33..=64 => judged_with::<64>(scenario),
        65..=128 => judged_with::<128>(scenario),
        needed => {
            assert!(needed <= SLOTS, "{needed} slots");
            judged_with::<SLOTS>(scenario)
        }
    }
}

fn judged_with<'a, const N: usize>(scenario: &'a Scenario<'a>) -> Result<(), Invalid<'a>> {
    let mut slots = [Slot::FREE; N];
    validate(scenario, Some(&TOPOLOGY), &mut Scratch::new(&mut slots)).map(drop)
}

/// Whether the first breach is the one that the error speaks of.
fn went_wrong(invalid: &Invalid<'_>, breaches: &[(Site, Breach)]) -> Result<Finding, String> {
    if invalid.site == Site::Scenario || UNSEEN.contains(&invalid.cause.unwrap_or(invalid.kind)) {
        return Ok(Finding::Malformed(invalid.kind));
    }
    let Some(&(site, shown)) = breaches.first() else {
        return Err("forced to run, nothing goes wrong".to_owned());
    };
    if !is_place(invalid.site, site) {
        return Err(format!("forced to run, it goes wrong elsewhere: {breaches:?}"));
    }
    let by_kernel =
        |&&(at, what): &&(Site, Breach)| at == site && matches!(what, Breach::Failed | Breach::Hung);
    let shown = match (invalid.class(), breaches.iter().find(by_kernel)) {
        (Class::Kernel, None) => {
            return Err(format!("a rule of the kernel, but the action goes through: {breaches:?}"));
        }
        (Class::Kernel, Some(&(_, what))) => what,
        (Class::Promise, _) => shown,
    };
    Ok(Finding::Refused { kind: invalid.kind, cause: invalid.cause, shown })
}

/// Whether something at `site` happens at the place that `named` names; a whole step names its parts.
fn is_place(named: Site, site: Site) -> bool {
    match (named, site) {
        (Site::Step { step, part: Part::Whole }, Site::Step { step: at, .. }) => step == at,
        _ => named == site,
    }
}
