//! A scenario as the text of a scenario file, such that loading the text gives the same scenario again.

use crate::render::checks::{toml_checks, toml_comparison, toml_file_check, toml_payload_check};
use crate::render::definition_ids::DefinitionIds;
use crate::render::knobs;
use crate::render::toml_text::{Table, long_list, number, text, texts};
use crate::render::words;
use crate::units::{render_duration, render_size};
use ktstr_core::{
    CgroupDef, Counted, HoldSpec, Limits, Needs, OnDeath, Op, OpField, OpValue, OutputKind, Payload,
    Placement, Scenario, Scheduler, Step, Uniform, WorkSpec,
};
use std::time::Duration;

/// The scenario as a scenario file.
pub fn render_toml(scenario: &Scenario<'_>) -> String {
    let ids = DefinitionIds::of(scenario);
    let mut head = Table::default();
    head.set("name", text(scenario.name));
    head.set("duration", duration(scenario.duration));
    head.set("workers_per_cgroup", scenario.workers_per_cgroup.to_string());
    head.set_some("topology", scenario.topology.map(topology));
    head.set_some("needs", (!scenario.needs.is_none()).then(|| needs(&scenario.needs)));
    let permit: Vec<_> = scenario.permit.iter().map(|kind| kind.code()).collect();
    head.set_some("permit", (!permit.is_empty()).then(|| texts(&permit)));
    let mut file = head.lines();
    section(&mut file, "[checks]", &toml_checks(&scenario.checks), false);
    for comparison in scenario.compare {
        section(&mut file, "[[compare]]", &toml_comparison(comparison), true);
    }
    for (id, payload) in ids.iter() {
        section(&mut file, "[[payload]]", &payload_table(id, payload), true);
    }
    for (id, scheduler) in ids.schedulers.iter() {
        section(&mut file, "[[scheduler]]", &scheduler_table(id, scheduler), true);
    }
    let backdrop = &scenario.backdrop;
    let mut table = Table::default();
    table.set_some("scheduler", backdrop.scheduler.map(|scheduler| text(ids.scheduler_id(scheduler))));
    set_ops(&mut table, &backdrop.ops, &ids);
    if !backdrop.payloads.is_empty() {
        let names: Vec<_> = backdrop.payloads.iter().map(|payload| ids.id(payload)).collect();
        table.set("payloads", texts(&names));
    }
    section(&mut file, "[backdrop]", &table, false);
    for def in backdrop.cgroups.iter() {
        section(&mut file, "[[backdrop.cgroups]]", &cgroup(def, &ids), true);
    }
    for step in scenario.steps {
        section(&mut file, "[[steps]]", &step_table(step, &ids), true);
        for def in step.setup {
            section(&mut file, "[[steps.cgroups]]", &cgroup(def, &ids), true);
        }
    }
    file
}

fn section(file: &mut String, header: &str, table: &Table, even_empty: bool) {
    if even_empty || !table.is_empty() {
        file.push_str(&format!("\n{header}\n{}", table.lines()));
    }
}

fn duration(duration: Duration) -> String {
    text(&render_duration(duration))
}

fn topology(shape: Uniform) -> String {
    let Uniform { nodes, llcs, cores, threads, memory_mib } = shape;
    if memory_mib == 0 {
        return text(&shape.to_string());
    }
    let mut table = Table::default();
    for (key, value) in [("nodes", nodes), ("llcs", llcs), ("cores", cores), ("threads", threads)] {
        table.set(key, value.to_string());
    }
    table.set("memory", text(&render_size(u64::from(memory_mib) << 20)));
    table.inline()
}

fn needs(needs: &Needs) -> String {
    let mut table = Table::default();
    for what in Counted::ALL {
        table.set_some(
            what.key(),
            Some(needs.count(what)).filter(|count| *count > 0).map(|count| count.to_string()),
        );
    }
    table.set_some("kernel", needs.kernel.map(|kernel| text(&kernel.to_string())));
    table.set_flag("sched_ext", needs.sched_ext);
    table.inline()
}

fn payload_table(id: &str, payload: &Payload<'_>) -> Table {
    let mut table = Table::default();
    table.set("name", text(payload.name));
    table.set_some("id", (id != payload.name).then(|| text(id)));
    table.set("binary", text(payload.binary));
    table.set_some("args", (!payload.default_args.is_empty()).then(|| texts(payload.default_args)));
    table.set_some("output", (payload.output == OutputKind::Json).then(|| text("json")));
    let metrics: Vec<_> = payload
        .metrics
        .iter()
        .map(|hint| {
            let mut metric = Table::default();
            metric.set("name", text(hint.name));
            let better = Some(hint.polarity.word()).filter(|word| !word.is_empty());
            metric.set_some("better", better.map(text));
            metric.set_some("unit", (!hint.unit.is_empty()).then(|| text(hint.unit)));
            metric.inline()
        })
        .collect();
    table.set_some("metrics", (!metrics.is_empty()).then(|| long_list(&metrics)));
    let checks: Vec<_> = payload.checks.iter().map(toml_payload_check).collect();
    table.set_some("checks", (!checks.is_empty()).then(|| long_list(&checks)));
    table.set_some("timeout", payload.timeout.map(duration));
    let files = payload.include_files;
    table.set_some("include_files", (!files.is_empty()).then(|| texts(files)));
    table
}

fn scheduler_table(id: &str, scheduler: &Scheduler<'_>) -> Table {
    let plain = Scheduler::new(scheduler.name, scheduler.binary);
    let list = |items: &[&str]| (!items.is_empty()).then(|| texts(items));
    let mut table = Table::default();
    table.set("name", text(scheduler.name));
    table.set_some("id", (id != scheduler.name).then(|| text(id)));
    table.set("binary", text(scheduler.binary));
    table.set_some("args", list(scheduler.args));
    table.set_some("env", list(scheduler.env));
    let controllers: Vec<_> = scheduler.controllers.iter().map(|controller| controller.name()).collect();
    table.set_some("controllers", list(&controllers));
    let other = |length: Duration, usual: Duration| (length != usual).then(|| duration(length));
    table.set_some("ready", other(scheduler.ready, plain.ready));
    table.set_some("grace", other(scheduler.grace, plain.grace));
    table.set_some("include_files", list(scheduler.include_files));
    table.set_some("on_death", (scheduler.on_death == OnDeath::GoOn).then(|| text("go_on")));
    table.set_some(
        "expect_exit",
        scheduler.expect_exit.map(|exit| {
            let mut expected = Table::default();
            expected.set("kind", text(exit.kind.word()));
            expected.set_some("code", exit.code.map(|code| code.to_string()));
            let message = exit.message_contains;
            expected.set_some("message_contains", (!message.is_empty()).then(|| text(message)));
            expected.inline()
        }),
    );
    table
}

fn step_table(step: &Step<'_>, ids: &DefinitionIds<'_>) -> Table {
    let mut table = Table::default();
    table.set_some("name", step.name.map(text));
    set_ops(&mut table, step.ops, ids);
    table.set_some("payload", step.payload.map(|payload| text(ids.id(payload))));
    table.set("hold", hold(step.hold));
    table
}

fn hold(hold: HoldSpec) -> String {
    match hold {
        HoldSpec::FULL => text("full"),
        HoldSpec::Frac(fraction) => number(fraction),
        HoldSpec::Fixed(length) => duration(length),
        HoldSpec::Loop { interval } => format!("{{ loop = {} }}", duration(interval)),
    }
}

fn set_ops(table: &mut Table, ops: &[Op<'_>], ids: &DefinitionIds<'_>) {
    let ops: Vec<_> = ops.iter().map(|op| op_table(op, ids).inline()).collect();
    table.set_some("ops", (!ops.is_empty()).then(|| long_list(&ops)));
}

fn op_table(op: &Op<'_>, ids: &DefinitionIds<'_>) -> Table {
    let mut table = Table::default();
    table.set("op", text(op.word()));
    for OpField { info, value, is_usual, .. } in op.fields() {
        if is_usual {
            continue;
        }
        match value {
            OpValue::Absent | OpValue::Home(Placement::RunnerCgroup) | OpValue::Texts([]) => {}
            OpValue::Cgroup(name)
            | OpValue::NewCgroup(name)
            | OpValue::Home(Placement::Cgroup(name))
            | OpValue::PayloadName(name)
            | OpValue::Tag(name)
            | OpValue::Text(name) => table.set(info.key, text(name)),
            OpValue::Placement(placement) => table.set(info.key, text(placement.path())),
            OpValue::Cpuset(cpus) => table.set(info.key, words::cpuset(cpus)),
            OpValue::Affinity(affinity) => table.set(info.key, words::affinity(affinity)),
            OpValue::Work(work) => table.append(work_table(work)),
            OpValue::Def(def) => table.append(cgroup(def, ids)),
            OpValue::FileCheck(check) => table.append(toml_file_check(check)),
            OpValue::Limits(limits) => set_limits(&mut table, limits),
            OpValue::Payload(payload) => table.set(info.key, text(ids.id(payload))),
            OpValue::Scheduler(scheduler) => table.set(info.key, text(ids.scheduler_id(scheduler))),
            OpValue::Texts(items) => table.set(info.key, texts(items)),
            OpValue::Time(time) => table.set(info.key, duration(time)),
            OpValue::Bytes(bytes) => table.set(info.key, text(&render_size(bytes))),
            OpValue::Nice(nice) => table.set(info.key, nice.to_string()),
            OpValue::Policy(policy) => table.set(info.key, words::policy(policy)),
            OpValue::Count(count) => table.set(info.key, count.to_string()),
            OpValue::Flag(flag) => table.set(info.key, flag.to_string()),
        }
    }
    table.set_some("fails", op.expected_failure().map(|errno| text(errno.name())));
    table
}

fn set_limits(table: &mut Table, limits: &Limits) {
    for knob in limits.named().iter() {
        table.set_some(knob.key(), limits.get(knob).map(|setting| knobs::toml(knob, setting)));
    }
}

fn cgroup(def: &CgroupDef<'_>, ids: &DefinitionIds<'_>) -> Table {
    let mut table = Table::default();
    table.set("name", text(def.name));
    set_limits(&mut table, &def.limits);
    let works = def.works.as_slice();
    if let [only] = works
        && is_described_in_place(only)
    {
        table.append(work_table(only));
    } else if !works.is_empty() {
        let groups: Vec<_> = works.iter().map(|work| work_table(work).inline()).collect();
        table.set("works", format!("[{}]", groups.join(", ")));
    }
    identity(&mut table, def.nice, def.comm, def.uid, def.gid);
    table.set_some("checks", def.checks.map(|checks| toml_checks(checks).inline()));
    table.set_some("payload", def.payload.map(|payload| text(ids.id(payload))));
    table.set_flag("until_removed", def.until_removed);
    table.set_flag("kept", def.kept);
    table
}

/// Whether the keys of the cgroup's own table can describe this group: those of the identity mean the whole
/// cgroup there, and no key at all means that there is no group.
fn is_described_in_place(work: &WorkSpec<'_>) -> bool {
    let nameless = WorkSpec { nice: None, comm: None, uid: None, gid: None, ..*work };
    nameless == *work && *work != WorkSpec::default()
}

fn work_table(work: &WorkSpec<'_>) -> Table {
    let usual = WorkSpec::default();
    let mut table = Table::default();
    table.set_some("workers", work.workers.map(|count| count.to_string()));
    table.set_some("workers_pct", work.workers_pct.map(number));
    let changed = |is: bool, value: fn(&WorkSpec<'_>) -> String| is.then(|| value(work));
    table.set_some(
        "work_type",
        changed(work.work_type != usual.work_type, |w| words::work_type(&w.work_type)),
    );
    table.set_some(
        "sched_policy",
        changed(work.sched_policy != usual.sched_policy, |w| words::policy(&w.sched_policy)),
    );
    table.set_some("affinity", changed(work.affinity != usual.affinity, |w| words::affinity(&w.affinity)));
    table.set_some(
        "mem_policy",
        changed(work.mem_policy != usual.mem_policy, |w| words::mem_policy(&w.mem_policy)),
    );
    table.set_some(
        "mpol_flags",
        changed(work.mpol_flags != usual.mpol_flags, |w| words::mpol_flags(w.mpol_flags)),
    );
    identity(&mut table, work.nice, work.comm, work.uid, work.gid);
    table
}

fn identity(table: &mut Table, nice: Option<i32>, comm: Option<&str>, uid: Option<u32>, gid: Option<u32>) {
    table.set_some("nice", nice.map(|nice| nice.to_string()));
    table.set_some("comm", comm.map(text));
    table.set_some("uid", uid.map(|id| id.to_string()));
    table.set_some("gid", gid.map(|id| id.to_string()));
}
