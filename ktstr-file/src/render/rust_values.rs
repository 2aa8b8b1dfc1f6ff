//! Single values of a scenario as Rust expressions.

use crate::render::plain;
use ktstr_core::{
    AffinityIntent, Counted, CpusetSpec, HoldSpec, IdSet, KernelVersion, MemPolicy, MetricHint, MpolFlags,
    Needs, Polarity, SchedPolicy, Uniform, WorkType,
};
use std::time::Duration;

/// `name(a, b)`
pub(crate) fn call(name: &str, arguments: &[String]) -> String {
    format!("{name}({})", arguments.join(", "))
}

/// A reference to an array, one item on each line.
pub(crate) fn slice(items: &[String]) -> String {
    if items.is_empty() {
        return "&[]".to_owned();
    }
    let lines: String = items.iter().map(|item| format!("    {},\n", item.replace('\n', "\n    "))).collect();
    format!("&[\n{lines}]")
}

pub(crate) fn text(text: &str) -> String {
    format!("{text:?}")
}

/// A reference to an array of texts.
pub(crate) fn refs(items: &[&str]) -> String {
    let quoted: Vec<_> = items.iter().map(|item| text(item)).collect();
    format!("&[{}]", quoted.join(", "))
}

pub(crate) fn real(number: f64) -> String {
    if number.is_nan() {
        "f64::NAN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "f64::INFINITY".to_owned() } else { "f64::NEG_INFINITY".to_owned() }
    } else {
        format!("{number:?}")
    }
}

pub(crate) fn duration(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    match u64::try_from(duration.as_nanos()) {
        _ if nanos == 0 => format!("Duration::from_secs({seconds})"),
        Ok(all) if all.is_multiple_of(1_000_000) => format!("Duration::from_millis({})", all / 1_000_000),
        Ok(all) if all.is_multiple_of(1_000) => format!("Duration::from_micros({})", all / 1_000),
        Ok(all) => format!("Duration::from_nanos({all})"),
        Err(_) => format!("Duration::new({seconds}, {nanos})"),
    }
}

pub(crate) fn needs(needs: &Needs) -> String {
    let mut code = "Needs::NONE".to_owned();
    for what in Counted::ALL.into_iter().filter(|what| needs.count(*what) > 0) {
        code.push_str(&format!(".{}({})", what.key(), needs.count(what)));
    }
    if let Some(KernelVersion { major, minor }) = needs.kernel {
        code.push_str(&format!(".kernel({major}, {minor})"));
    }
    if needs.sched_ext {
        code.push_str(".sched_ext()");
    }
    code
}

fn ids<const WORDS: usize>(name: &str, set: &IdSet<WORDS>) -> String {
    let members: Vec<_> = set.iter().collect();
    match members[..] {
        [] => format!("{name}::EMPTY"),
        [first, .., last] if last - first + 1 == members.len() => {
            format!("{name}::range({first}, {})", last + 1)
        }
        _ => {
            let numbers: Vec<_> = members.iter().map(usize::to_string).collect();
            format!("{name}::of(&[{}])", numbers.join(", "))
        }
    }
}

pub(crate) fn nodes<const WORDS: usize>(set: &IdSet<WORDS>) -> String {
    ids("NodeSet", set)
}

fn cpus<const WORDS: usize>(set: &IdSet<WORDS>) -> String {
    ids("CpuSet", set)
}

pub(crate) fn cpuset(spec: &CpusetSpec) -> String {
    match spec {
        CpusetSpec::Exact(set) => format!("CpusetSpec::exact({})", cpus(set)),
        CpusetSpec::Range { start, end } => format!("CpusetSpec::range({}, {})", real(*start), real(*end)),
        CpusetSpec::Disjoint { index, of } => format!("CpusetSpec::disjoint({index}, {of})"),
        CpusetSpec::Overlap { index, of, frac } => {
            format!("CpusetSpec::overlap({index}, {of}, {})", real(*frac))
        }
        CpusetSpec::Llc(index) => format!("CpusetSpec::llc({index})"),
        CpusetSpec::Numa(index) => format!("CpusetSpec::numa({index})"),
    }
}

pub(crate) fn uniform(shape: &Uniform) -> String {
    let Uniform { nodes, llcs, cores, threads, memory_mib } = shape;
    let memory = if *memory_mib == 0 { String::new() } else { format!(".memory_mib({memory_mib})") };
    format!("Uniform::new({nodes}, {llcs}, {cores}, {threads}){memory}")
}

pub(crate) fn hold(hold: &HoldSpec) -> String {
    match *hold {
        HoldSpec::FULL => "HoldSpec::FULL".to_owned(),
        HoldSpec::Frac(fraction) => format!("HoldSpec::frac({})", real(fraction)),
        HoldSpec::Fixed(length) => format!("HoldSpec::fixed({})", duration(length)),
        HoldSpec::Loop { interval } => format!("HoldSpec::loop_at({})", duration(interval)),
    }
}

pub(crate) fn metric_hint(hint: &MetricHint<'_>) -> String {
    let polarity = match hint.polarity {
        Polarity::Unknown => "Unknown",
        Polarity::HigherIsBetter => "HigherIsBetter",
        Polarity::LowerIsBetter => "LowerIsBetter",
    };
    format!(
        "MetricHint {{ name: {}, polarity: Polarity::{polarity}, unit: {} }}",
        text(hint.name),
        text(hint.unit)
    )
}

/// A work type by its constructor, or as it is where that leaves something unsaid.
pub(crate) fn work_type(work_type: &WorkType) -> String {
    let info = work_type.info();
    let arguments: Vec<_> = work_type.arguments().collect();
    if arguments.is_empty() {
        return format!("WorkType::{}", info.name);
    }
    let taken = |key: &str| info.parameters.contains(&key);
    if arguments.iter().all(|(field, value)| taken(field.key) || field.usual == Some(*value)) {
        let given =
            info.parameters.iter().filter_map(|key| arguments.iter().find(|(field, _)| field.key == *key));
        let given: Vec<_> = given.map(|(field, value)| plain::rust(field.kind, *value)).collect();
        return call(&format!("WorkType::{}", info.constructor), &given);
    }
    let all =
        arguments.iter().map(|(field, value)| format!("{}: {}", field.key, plain::rust(field.kind, *value)));
    format!("WorkType::{} {{ {} }}", info.name, all.collect::<Vec<_>>().join(", "))
}

pub(crate) fn policy(policy: &SchedPolicy) -> String {
    match *policy {
        SchedPolicy::Normal => "SchedPolicy::Normal".to_owned(),
        SchedPolicy::Batch => "SchedPolicy::Batch".to_owned(),
        SchedPolicy::Idle => "SchedPolicy::Idle".to_owned(),
        SchedPolicy::Ext => "SchedPolicy::Ext".to_owned(),
        SchedPolicy::Fifo(priority) => format!("SchedPolicy::Fifo({priority})"),
        SchedPolicy::RoundRobin(priority) => format!("SchedPolicy::RoundRobin({priority})"),
        SchedPolicy::Deadline { runtime, deadline, period } => format!(
            "SchedPolicy::Deadline {{ runtime: {}, deadline: {}, period: {} }}",
            duration(runtime),
            duration(deadline),
            duration(period)
        ),
    }
}

pub(crate) fn affinity(intent: &AffinityIntent) -> String {
    match intent {
        AffinityIntent::Inherit => "AffinityIntent::Inherit".to_owned(),
        AffinityIntent::LlcAligned => "AffinityIntent::LlcAligned".to_owned(),
        AffinityIntent::CrossCgroup => "AffinityIntent::CrossCgroup".to_owned(),
        AffinityIntent::SingleCpu => "AffinityIntent::SingleCpu".to_owned(),
        AffinityIntent::SmtSiblingPair => "AffinityIntent::SmtSiblingPair".to_owned(),
        AffinityIntent::Exact(set) => format!("AffinityIntent::exact({})", cpus(set)),
        AffinityIntent::RandomSubset { from, count } => {
            format!("AffinityIntent::random_subset({}, {count})", cpus(from))
        }
    }
}

pub(crate) fn mem_policy(policy: &MemPolicy) -> String {
    match policy {
        MemPolicy::Default => "MemPolicy::Default".to_owned(),
        MemPolicy::Local => "MemPolicy::Local".to_owned(),
        MemPolicy::Bind(set) => format!("MemPolicy::Bind({})", nodes(set)),
        MemPolicy::Preferred(node) => format!("MemPolicy::Preferred({node})"),
        MemPolicy::Interleave(set) => format!("MemPolicy::Interleave({})", nodes(set)),
        MemPolicy::PreferredMany(set) => format!("MemPolicy::PreferredMany({})", nodes(set)),
        MemPolicy::WeightedInterleave(set) => format!("MemPolicy::WeightedInterleave({})", nodes(set)),
    }
}

pub(crate) fn mpol_flags(flags: MpolFlags) -> String {
    let mut code = "MpolFlags::NONE".to_owned();
    for (name, flag) in [
        ("STATIC_NODES", MpolFlags::STATIC_NODES),
        ("RELATIVE_NODES", MpolFlags::RELATIVE_NODES),
        ("NUMA_BALANCING", MpolFlags::NUMA_BALANCING),
    ] {
        if flags.has(flag) {
            code.push_str(&format!(".and(MpolFlags::{name})"));
        }
    }
    code
}
