//! Where in a file the key stands that an error of meaning is about. A site says which table of the file it is; the rule
//! and the name or number in the error say which key of it.

use crate::load::source::{Lines, Place};
use crate::units::{parse_duration, parse_size};
use ktstr_core::rules::ErrorKind;
use ktstr_core::{Invalid, Knob, Part, Site, Value};
use toml::de::{DeTable, DeValue};

/// How deep keys are looked for: those of a group of `works`, and of what one of them says in a table.
const DEPTH: u32 = 2;

/// Keys by which a table calls a cgroup or a payload.
const NAMES: [&str; 7] = ["name", "cgroup", "payload", "from", "to", "a", "b"];

/// A file that was read, to point into.
#[derive(Debug)]
pub struct Pointer<'t> {
    root: DeTable<'t>,
    lines: Lines<'t>,
}

/// A key somewhere in a table.
struct Entry<'p> {
    key: &'p str,
    at: usize,
    /// The value as text, if it is no list or table.
    text: Option<String>,
    depth: u32,
}

impl<'t> Pointer<'t> {
    /// For the text that [`load`](crate::load) has read; `None` if it is no TOML.
    pub fn of(text: &'t str) -> Option<Self> {
        let root = DeTable::parse(text).ok()?.into_inner();
        Some(Self { root, lines: Lines::of(text) })
    }

    /// The key that an error is about; `None` where the error does not tell, as for what is missing in a table.
    pub fn place(&self, invalid: &Invalid<'_>) -> Option<Place> {
        let entries = entries(self.table(invalid.site)?, 0);
        let mut at = key_of(&entries, invalid).or_else(|| name_of(&entries, invalid));
        if is_of_payload(invalid.kind) {
            let defined = self.payload(invalid.name).map(|table| entries_of(table, invalid));
            at = key_of(&entries, invalid).or(defined.flatten()).or(at);
        }
        at.map(|at| self.lines.place(at))
    }

    /// The table that stands for a site.
    fn table(&self, site: Site) -> Option<&DeTable<'t>> {
        let (around, part) = match site {
            Site::Scenario => return Some(&self.root),
            Site::Backdrop(part) => (table_of(self.root.get("backdrop")?.get_ref())?, part),
            Site::Step { step, part } => (item(&self.root, "steps", step)?, part),
            Site::Teardown => return None,
        };
        match part {
            Part::Cgroup(index) => item(around, "cgroups", index),
            Part::Op(index) => item(around, "ops", index),
            Part::Whole | Part::Payload(_) => Some(around),
            // These have a place of their own, or none.
            Part::Hold | Part::End => None,
        }
    }

    /// The definition of a payload.
    fn payload(&self, name: &str) -> Option<&DeTable<'t>> {
        let DeValue::Array(items) = self.root.get("payload")?.get_ref() else { return None };
        let called = |table: &&DeTable<'_>| matches!(table.get("name").map(|value| value.get_ref()), Some(DeValue::String(text)) if text == name);
        items.iter().filter_map(|item| table_of(item.get_ref())).find(called)
    }
}

fn table_of<'p, 't>(value: &'p DeValue<'t>) -> Option<&'p DeTable<'t>> {
    if let DeValue::Table(table) = value { Some(table) } else { None }
}

fn item<'p, 't>(table: &'p DeTable<'t>, list: &str, index: u32) -> Option<&'p DeTable<'t>> {
    let DeValue::Array(items) = table.get(list)?.get_ref() else { return None };
    table_of(items.get(index as usize)?.get_ref())
}

fn entries<'p>(table: &'p DeTable<'_>, depth: u32) -> Vec<Entry<'p>> {
    let mut all = Vec::new();
    for (key, value) in table {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.to_string()),
            DeValue::Float(number) => Some(number.to_string()),
            _ => None,
        };
        all.push(Entry { key: key.get_ref(), at: key.span().start, text, depth });
        if depth == DEPTH {
            continue;
        }
        match value.get_ref() {
            DeValue::Table(inner) => all.extend(entries(inner, depth + 1)),
            DeValue::Array(items) if key.get_ref() == "works" || key.get_ref() == "checks" => {
                let tables = items.iter().filter_map(|item| table_of(item.get_ref()));
                all.extend(tables.flat_map(|inner| entries(inner, depth + 1)));
            }
            _ => {}
        }
    }
    all
}

fn entries_of(table: &DeTable<'_>, invalid: &Invalid<'_>) -> Option<usize> {
    let entries = entries(table, 0);
    key_of(&entries, invalid).or_else(|| name_of(&entries, invalid))
}

/// The key that the rule is about. Of several the one with the value that the error tells; of several groups of workers
/// that could be meant, the list of them.
fn key_of(entries: &[Entry<'_>], invalid: &Invalid<'_>) -> Option<usize> {
    let check = [invalid.name];
    // A value out of the range of a control file comes with its key.
    let limit = [invalid.other];
    let keys = match invalid.cause.unwrap_or(invalid.kind) {
        ErrorKind::CheckBound => &check[..],
        _ if Knob::from_key(invalid.other).is_some() => &limit[..],
        kind => keys_about(kind),
    };
    let hits: Vec<_> =
        keys.iter().flat_map(|key| entries.iter().filter(move |entry| entry.key == *key)).collect();
    let twice = hits.iter().any(|hit| hits.iter().filter(|other| other.key == hit.key).count() > 1);
    let told =
        hits.iter().find(|hit| hits.len() == 1 || hit.text.as_ref().is_some_and(|text| says(text, invalid)));
    let found = match told {
        Some(hit) => Some(*hit),
        None if twice => entries.iter().find(|entry| entry.key == "works"),
        None => hits.first().copied(),
    };
    found.map(|entry| entry.at)
}

/// The key that holds the name which the error tells.
fn name_of(entries: &[Entry<'_>], invalid: &Invalid<'_>) -> Option<usize> {
    let called = |name: &str| {
        let is = |entry: &Entry<'_>| entry.depth == 0 && entry.text.as_deref() == Some(name);
        let holds = |key: &str| entries.iter().find(|entry| entry.key == key && is(entry));
        NAMES.iter().find_map(|key| holds(key)).map(|entry| entry.at)
    };
    called(invalid.name).or_else(|| called(invalid.other).filter(|_| !invalid.other.is_empty()))
}

/// Whether a value is the one that the error tells.
fn says(text: &str, invalid: &Invalid<'_>) -> bool {
    let is_number = match invalid.value {
        Value::None => false,
        Value::Count(count) => parse_size(text) == Ok(count) || text.parse() == Ok(count),
        Value::Signed(number) => text.parse() == Ok(number),
        Value::Real(number) => text.parse() == Ok(number),
        Value::Time(time) => parse_duration(text) == Ok(time),
    };
    is_number || !invalid.other.is_empty() && text == invalid.other
}

/// Whether the rule is about what a payload says of itself.
pub(crate) fn is_of_payload(kind: ErrorKind) -> bool {
    use ErrorKind as Kind;
    matches!(
        kind,
        Kind::PayloadName
            | Kind::PayloadBinary
            | Kind::PayloadArgument
            | Kind::PayloadFile
            | Kind::PayloadBound
            | Kind::PayloadMetric
            | Kind::PayloadOutput
            | Kind::PayloadExitCode
    )
}

/// The keys that a rule is about, those that tell most first; none for rules about names and what exists when.
fn keys_about(kind: ErrorKind) -> &'static [&'static str] {
    use ErrorKind as Kind;
    match kind {
        Kind::CpusetRange
        | Kind::CpusetOfZero
        | Kind::CpusetIndex
        | Kind::CpusetOverlap
        | Kind::CpusetEmpty
        | Kind::CpusetNothing
        | Kind::CpusetNotThere
        | Kind::LlcMissing
        | Kind::NumaMissing
        | Kind::CpusetOutsideParent
        | Kind::ChildLeftOutside => &["cpuset"],
        Kind::MemsEmpty | Kind::MemsNotThere => &["cpuset_mems"],
        Kind::AffinityEmpty | Kind::AffinityUnmet => &["affinity"],
        Kind::MemPolicyOutside | Kind::MemPolicyEmpty => &["mem_policy"],
        Kind::MemPolicyFlags | Kind::MemPolicyBalancing | Kind::MemPolicyFlagsUnused => &["mpol_flags"],
        Kind::PidsTooFew => &["pids_max"],
        Kind::WorkersZero | Kind::WorkersTooMany | Kind::GroupSize => {
            &["workers", "workers_pct", "work_type"]
        }
        Kind::WorkersTwice | Kind::WorkersShare | Kind::ShareWithoutCpuset | Kind::ShareInRunner => {
            &["workers_pct"]
        }
        Kind::WorkArguments => &["type", "work_type"],
        Kind::Priority | Kind::Deadline | Kind::DeadlineAdmission | Kind::DeadlineCgroups => {
            &["sched_policy"]
        }
        Kind::DeadlineNarrow => &["affinity", "cpuset", "sched_policy"],
        Kind::Nice => &["nice"],
        Kind::Comm => &["comm"],
        Kind::UserInvalid => &["uid", "gid"],
        Kind::PayloadBinary => &["binary"],
        Kind::PayloadArgument => &["args"],
        Kind::PayloadFile => &["include_files"],
        Kind::PayloadExitCode => &["exit_code", "checks"],
        Kind::PayloadBound | Kind::PayloadMetric => &["checks"],
        Kind::PayloadOutput => &["output"],
        Kind::CaptureTag => &["tag"],
        Kind::IrqCpu => &["cpu"],
        Kind::ScenarioName => &["name"],
        Kind::ScenarioDuration => &["duration"],
        Kind::ScenarioWorkers => &["workers_per_cgroup"],
        Kind::ScenarioTopology => &["topology"],
        Kind::NameEmpty
        | Kind::NameAbsolute
        | Kind::NameSlashes
        | Kind::NameDots
        | Kind::NameHidden
        | Kind::NameNul
        | Kind::NameNewline
        | Kind::NameTooLong
        | Kind::PathTooLong
        | Kind::PathTooDeep
        | Kind::NameReserved
        | Kind::CgroupUnknown
        | Kind::CgroupDuplicate
        | Kind::CgroupShadows
        | Kind::CgroupRemoved
        | Kind::CgroupEnded
        | Kind::ParentMissing
        | Kind::HasChildren
        | Kind::NotYours
        | Kind::HoldsGuests
        | Kind::Stranded
        | Kind::UntilRemovedInStep
        | Kind::StopsFrozen
        | Kind::SpawnFrozen
        | Kind::WaitFrozen
        | Kind::EndsFrozen
        | Kind::TasksAboveLimits
        | Kind::TasksBesideLimits
        | Kind::LimitsBelowTasks
        | Kind::LimitsBesideTasks
        | Kind::CpuWeight
        | Kind::CpuQuota
        | Kind::CpuPeriod
        | Kind::MemoryTooLarge
        | Kind::MemoryTooSmall
        | Kind::IoWeight
        | Kind::PidsRange
        | Kind::HoldFraction
        | Kind::HoldOverBudget
        | Kind::LoopZero
        | Kind::LoopTooLong
        | Kind::StepAfterEnd
        | Kind::CannotRepeat
        | Kind::PayloadName
        | Kind::PayloadUnknown
        | Kind::PayloadOver
        | Kind::PayloadAmbiguous
        | Kind::PayloadDuplicate
        | Kind::ClearNothing
        | Kind::SwapSelf
        | Kind::SwapNothing
        | Kind::StopNothing
        | Kind::AffinityNothing
        | Kind::MoveSelf
        | Kind::MoveNothing
        | Kind::MoveToRunner
        | Kind::FreezeTwice
        | Kind::UnfreezeNothing
        | Kind::CheckBound
        | Kind::StorageTooSmall => &[],
    }
}
