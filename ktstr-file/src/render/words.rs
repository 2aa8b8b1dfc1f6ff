//! The single values of a scenario file that are more than a number, as TOML.

use crate::render::plain;
use crate::render::toml_text::{Table, number, text, texts};
use crate::schema::work_shapes::TYPE;
use crate::units::render_duration;
use ktstr_core::{
    AffinityIntent, CpusetSpec, FieldValue, IdSet, MemPolicy, MpolFlags, SchedPolicy, WorkType,
};
use std::time::Duration;

fn pairs(entries: &[(&'static str, String)]) -> String {
    let mut table = Table::default();
    for (key, value) in entries {
        table.set(key, value.clone());
    }
    table.inline()
}

fn duration(duration: Duration) -> String {
    text(&render_duration(duration))
}

pub(crate) fn list<const WORDS: usize>(ids: &IdSet<WORDS>) -> String {
    text(ids.to_text().as_str())
}

pub(crate) fn cpuset(cpus: &CpusetSpec) -> String {
    match cpus {
        CpusetSpec::Exact(cpus) => list(cpus),
        CpusetSpec::Range { start, end } => format!("{{ range = [{}, {}] }}", number(*start), number(*end)),
        CpusetSpec::Disjoint { index, of } => {
            pairs(&[("disjoint", index.to_string()), ("of", of.to_string())])
        }
        CpusetSpec::Overlap { index, of, frac } => {
            pairs(&[("overlap", index.to_string()), ("of", of.to_string()), ("frac", number(*frac))])
        }
        CpusetSpec::Llc(index) => pairs(&[("llc", index.to_string())]),
        CpusetSpec::Numa(index) => pairs(&[("numa", index.to_string())]),
    }
}

pub(crate) fn work_type(work_type: &WorkType) -> String {
    if WorkType::from_name(work_type.name()) == Some(*work_type) {
        return text(work_type.name());
    }
    let mut table = Table::default();
    table.set(TYPE, text(work_type.name()));
    for (field, value) in work_type.arguments() {
        let is_plain_no = matches!(value, FieldValue::Flag(_)) && field.usual == Some(value);
        if !is_plain_no {
            table.set(field.key, plain::toml(field.kind, value));
        }
    }
    table.inline()
}

pub(crate) fn policy(policy: &SchedPolicy) -> String {
    match *policy {
        SchedPolicy::Normal => text("normal"),
        SchedPolicy::Batch => text("batch"),
        SchedPolicy::Idle => text("idle"),
        SchedPolicy::Ext => text("ext"),
        SchedPolicy::Fifo(priority) => pairs(&[("fifo", priority.to_string())]),
        SchedPolicy::RoundRobin(priority) => pairs(&[("round_robin", priority.to_string())]),
        SchedPolicy::Deadline { runtime, deadline, period } => pairs(&[
            ("runtime", duration(runtime)),
            ("deadline", duration(deadline)),
            ("period", duration(period)),
        ]),
    }
}

pub(crate) fn affinity(intent: &AffinityIntent) -> String {
    match intent {
        AffinityIntent::Inherit => text("inherit"),
        AffinityIntent::LlcAligned => text("llc_aligned"),
        AffinityIntent::CrossCgroup => text("cross_cgroup"),
        AffinityIntent::SingleCpu => text("single_cpu"),
        AffinityIntent::SmtSiblingPair => text("smt_sibling_pair"),
        AffinityIntent::Exact(cpus) => pairs(&[("exact", list(cpus))]),
        AffinityIntent::RandomSubset { from, count } if from.is_empty() => {
            pairs(&[("random_subset", count.to_string())])
        }
        AffinityIntent::RandomSubset { from, count } => {
            pairs(&[("random_subset", count.to_string()), ("from", list(from))])
        }
    }
}

pub(crate) fn mem_policy(policy: &MemPolicy) -> String {
    match policy {
        MemPolicy::Default => text("default"),
        MemPolicy::Local => text("local"),
        MemPolicy::Bind(nodes) => pairs(&[("bind", list(nodes))]),
        MemPolicy::Preferred(node) => pairs(&[("preferred", node.to_string())]),
        MemPolicy::Interleave(nodes) => pairs(&[("interleave", list(nodes))]),
        MemPolicy::PreferredMany(nodes) => pairs(&[("preferred_many", list(nodes))]),
        MemPolicy::WeightedInterleave(nodes) => pairs(&[("weighted_interleave", list(nodes))]),
    }
}

/// The words of the flags that are set.
pub(crate) fn mpol_words(flags: MpolFlags) -> Vec<&'static str> {
    [
        ("static_nodes", MpolFlags::STATIC_NODES),
        ("relative_nodes", MpolFlags::RELATIVE_NODES),
        ("numa_balancing", MpolFlags::NUMA_BALANCING),
    ]
    .into_iter()
    .filter_map(|(word, flag)| flags.has(flag).then_some(word))
    .collect()
}

pub(crate) fn mpol_flags(flags: MpolFlags) -> String {
    texts(&mpol_words(flags))
}
