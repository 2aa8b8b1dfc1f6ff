//! A scenario as Rust code: a `static` that is equal to it, written with the model's own constructors.

use crate::render::checks::{rust_checks, rust_comparison, rust_file_check, rust_payload_check};
use crate::render::definition_ids::DefinitionIds;
use crate::render::knobs;
use crate::render::rust_values as value;
use crate::render::rust_values::{call, duration, real, refs, slice, text};
use ktstr_core::{
    Backdrop, CgroupDef, Limits, MAX_BACKDROP_CGROUPS, MAX_BACKDROP_OPS, MAX_BACKDROP_PAYLOADS, OnDeath, Op,
    OpValue, OutputKind, Payload, Placement, Scenario, Scheduler, Step, WorkSpec,
};

/// The scenario as a Rust file with a `pub static SCENARIO`.
pub fn render_rust(scenario: &Scenario<'_>) -> String {
    let ids = DefinitionIds::of(scenario);
    let names = Names { ids: &ids };
    let mut items = String::new();
    for (_, payload) in ids.iter() {
        let code = payload_code(payload);
        items.push_str(&format!("\nstatic {}: Payload<'static> = {code};\n", names.of(payload)));
    }
    for (_, scheduler) in ids.schedulers.iter() {
        let (name, code) = (names.of_scheduler(scheduler), scheduler_code(scheduler));
        items.push_str(&format!("\nstatic {name}: Scheduler<'static> = {code};\n"));
    }
    let mut code = format!("Scenario::new({})", text(scenario.name));
    code.push_str(&format!("\n    .duration({})", duration(scenario.duration)));
    code.push_str(&format!("\n    .workers_per_cgroup({})", scenario.workers_per_cgroup));
    if let Some(shape) = scenario.topology {
        code.push_str(&format!("\n    .topology({})", value::uniform(&shape)));
    }
    if !scenario.needs.is_none() {
        code.push_str(&format!("\n    .needs({})", value::needs(&scenario.needs)));
    }
    if !scenario.backdrop.is_empty() {
        code.push_str(&format!("\n    .backdrop({})", indented(&backdrop(&scenario.backdrop, &names))));
    }
    if !scenario.steps.is_empty() {
        let steps: Vec<_> = scenario.steps.iter().map(|step| step_code(step, &names)).collect();
        code.push_str(&format!("\n    .steps({})", indented(&slice(&steps))));
    }
    if !scenario.checks.is_empty() {
        code.push_str(&format!("\n    .checks({})", indented(&rust_checks(&scenario.checks))));
    }
    if !scenario.compare.is_empty() {
        let all: Vec<_> = scenario.compare.iter().map(rust_comparison).collect();
        code.push_str(&format!("\n    .compare({})", indented(&slice(&all))));
    }
    if !scenario.permit.is_empty() {
        let kinds: Vec<_> = scenario.permit.iter().map(|kind| format!("ErrorKind::{kind:?}")).collect();
        code.push_str(&format!("\n    .permit(&[{}])", kinds.join(", ")));
    }
    items.push_str(&format!("\npub static SCENARIO: Scenario<'static> = {code};\n"));
    format!("{}{items}", imports(&items))
}

fn imports(items: &str) -> String {
    let mut lines = String::new();
    let extra = ["ExpectedExit", "OnDeath", "SchedulerExit"];
    for name in extra.into_iter().filter(|name| items.contains(&format!("{name}::"))) {
        lines.push_str(&format!("use ktstr_core::{name};\n"));
    }
    if items.contains("CpuMax") {
        lines.push_str("use ktstr_core::CpuMax;\n");
    }
    if items.contains(".permit(") {
        lines.push_str("use ktstr_core::rules::ErrorKind;\n");
    }
    lines.push_str("use ktstr_core::prelude::*;\nuse std::time::Duration;\n");
    lines
}

fn indented(code: &str) -> String {
    code.replace('\n', "\n    ")
}

/// What the statics of payloads and schedulers are called.
struct Names<'n, 'a> {
    ids: &'n DefinitionIds<'a>,
}

impl Names<'_, '_> {
    fn of(&self, payload: &Payload<'_>) -> String {
        format!("PAYLOAD_{}", self.ids.index(payload))
    }

    fn of_scheduler(&self, scheduler: &Scheduler<'_>) -> String {
        format!("SCHEDULER_{}", self.ids.scheduler_index(scheduler))
    }

    fn reference(&self, payload: &Payload<'_>) -> String {
        format!("&{}", self.of(payload))
    }
}

fn payload_code(payload: &Payload<'_>) -> String {
    let mut code = call("Payload::binary", &[text(payload.name), text(payload.binary)]);
    if !payload.default_args.is_empty() {
        code.push_str(&call("\n    .default_args", &[refs(payload.default_args)]));
    }
    if payload.output == OutputKind::Json {
        code.push_str("\n    .output(OutputKind::Json)");
    }
    if !payload.metrics.is_empty() {
        let hints: Vec<_> = payload.metrics.iter().map(value::metric_hint).collect();
        code.push_str(&call("\n    .metrics", &[indented(&slice(&hints))]));
    }
    if !payload.checks.is_empty() {
        let checks: Vec<_> = payload.checks.iter().map(rust_payload_check).collect();
        code.push_str(&call("\n    .checks", &[indented(&slice(&checks))]));
    }
    if let Some(timeout) = payload.timeout {
        code.push_str(&call("\n    .timeout", &[duration(timeout)]));
    }
    if !payload.include_files.is_empty() {
        code.push_str(&call("\n    .include_files", &[refs(payload.include_files)]));
    }
    code
}

fn scheduler_code(scheduler: &Scheduler<'_>) -> String {
    let plain = Scheduler::new(scheduler.name, scheduler.binary);
    let mut code = call("Scheduler::new", &[text(scheduler.name), text(scheduler.binary)]);
    for (name, items) in
        [("args", scheduler.args), ("env", scheduler.env), ("include_files", scheduler.include_files)]
    {
        if !items.is_empty() {
            code.push_str(&call(&format!("\n    .{name}"), &[refs(items)]));
        }
    }
    if scheduler.controllers != plain.controllers {
        let with = scheduler.controllers.iter().map(|one| format!(".with(Controller::{one:?})"));
        code.push_str(&format!("\n    .controllers(Controllers::NONE{})", with.collect::<String>()));
    }
    for (name, length, usual) in
        [("ready", scheduler.ready, plain.ready), ("grace", scheduler.grace, plain.grace)]
    {
        if length != usual {
            code.push_str(&call(&format!("\n    .{name}"), &[duration(length)]));
        }
    }
    if scheduler.on_death == OnDeath::GoOn {
        code.push_str("\n    .on_death(OnDeath::GoOn)");
    }
    if let Some(exit) = scheduler.expect_exit {
        let mut expected = format!("ExpectedExit::new(SchedulerExit::{:?})", exit.kind);
        if let Some(exit_code) = exit.code {
            expected.push_str(&format!(".code({exit_code})"));
        }
        if !exit.message_contains.is_empty() {
            expected.push_str(&format!(".message_contains({})", text(exit.message_contains)));
        }
        code.push_str(&format!("\n    .expect_exit({expected})"));
    }
    code
}

fn backdrop(backdrop: &Backdrop<'_>, names: &Names<'_, '_>) -> String {
    let cgroups: Vec<_> = backdrop.cgroups.iter().map(|def| cgroup(def, names)).collect();
    let ops: Vec<_> = backdrop.ops.iter().map(|op| op_code(op, names)).collect();
    let payloads: Vec<_> = backdrop.payloads.iter().map(|payload| names.reference(payload)).collect();
    let mut code = "Backdrop::new()".to_owned();
    if let Some(scheduler) = backdrop.scheduler {
        code.push_str(&format!("\n    .scheduler(&{})", names.of_scheduler(scheduler)));
    }
    for (push, lend, room, items) in [
        ("push_cgroup", "lend_cgroups", MAX_BACKDROP_CGROUPS, cgroups),
        ("push_op", "lend_ops", MAX_BACKDROP_OPS, ops),
        ("push_payload", "lend_payloads", MAX_BACKDROP_PAYLOADS, payloads),
    ] {
        if items.len() > room {
            code.push_str(&format!("\n    .{lend}({})", indented(&slice(&items))));
            continue;
        }
        for item in items {
            code.push_str(&format!("\n    .{push}({})", indented(&item)));
        }
    }
    code
}

fn step_code(step: &Step<'_>, names: &Names<'_, '_>) -> String {
    let hold = value::hold(&step.hold);
    let setup: Vec<_> = step.setup.iter().map(|def| cgroup(def, names)).collect();
    let ops: Vec<_> = step.ops.iter().map(|op| op_code(op, names)).collect();
    let mut code = match (step.payload, setup.is_empty(), ops.is_empty()) {
        (None, true, true) => call("Step::hold", &[hold]),
        (None, true, false) => call("Step::new", &[slice(&ops), hold]),
        (None, false, true) => call("Step::with_defs", &[slice(&setup), hold]),
        (None, false, false) => {
            format!("{}.set_ops({})", call("Step::with_defs", &[slice(&setup), hold]), slice(&ops))
        }
        (Some(payload), true, true) => call("Step::with_payload", &[names.reference(payload), hold]),
        (Some(payload), ..) => format!(
            "Step {{ setup: {}, ops: {}, payload: Some({}), ..Step::hold({hold}) }}",
            slice(&setup),
            slice(&ops),
            names.reference(payload)
        ),
    };
    if let Some(name) = step.name {
        code.push_str(&call(".named", &[text(name)]));
    }
    code
}

fn op_code(op: &Op<'_>, names: &Names<'_, '_>) -> String {
    let info = op.kind().info();
    let (in_cgroup, at_runner) = info.placed.unwrap_or((info.word, info.word));
    let (mut constructor, mut arguments, mut methods) = (info.word, Vec::new(), String::new());
    for field in op.fields() {
        let code = op_value(&field.value, names);
        match (field.value, field.is_argument) {
            (OpValue::Home(Placement::RunnerCgroup), _) => constructor = at_runner,
            (OpValue::Home(Placement::Cgroup(_)), _) => {
                constructor = in_cgroup;
                arguments.push(code);
            }
            (_, true) => arguments.push(code),
            _ if field.is_usual => {}
            (OpValue::NewCgroup(_), _) => methods.push_str(&call(".named", &[code])),
            (OpValue::Flag(_), _) => methods.push_str(&format!(".{}()", field.info.key)),
            (OpValue::Time(_), _) => methods.push_str(&format!(".{}({code})", field.info.key)),
            // What is left out otherwise is a place.
            (_, false) => {
                constructor = info.in_cgroup.unwrap_or(info.word);
                arguments.push(code);
            }
        }
    }
    if let Some(errno) = op.expected_failure() {
        methods.push_str(&format!(".fails(Errno::{})", errno.name()));
    }
    format!("{}{methods}", call(&format!("Op::{constructor}"), &arguments))
}

fn op_value(field: &OpValue<'_, '_>, names: &Names<'_, '_>) -> String {
    match *field {
        OpValue::Absent => String::new(),
        OpValue::Cgroup(name)
        | OpValue::NewCgroup(name)
        | OpValue::PayloadName(name)
        | OpValue::Tag(name)
        | OpValue::Text(name) => text(name),
        OpValue::Placement(placement) | OpValue::Home(placement) => text(placement.path()),
        OpValue::Cpuset(cpus) => value::cpuset(cpus),
        OpValue::Affinity(affinity) => value::affinity(affinity),
        OpValue::Work(work) => work_code(work),
        OpValue::Def(def) => format!("&{}", cgroup(def, names)),
        OpValue::FileCheck(check) => format!("&{}", rust_file_check(check)),
        OpValue::Limits(limits) => format!("&Limits::NONE{}", limits_code(limits)),
        OpValue::Payload(payload) => names.reference(payload),
        OpValue::Scheduler(scheduler) => format!("&{}", names.of_scheduler(scheduler)),
        OpValue::Texts(items) => refs(items),
        OpValue::Time(time) => duration(time),
        OpValue::Bytes(bytes) => bytes.to_string(),
        OpValue::Nice(nice) => nice.to_string(),
        OpValue::Policy(policy) => value::policy(policy),
        OpValue::Count(count) => count.to_string(),
        OpValue::Flag(flag) => flag.to_string(),
    }
}

/// The methods of definitions, and of limits by themselves, which set these.
fn limits_code(limits: &Limits) -> String {
    let named = limits.named();
    named.iter().filter_map(|knob| limits.get(knob).map(|setting| knobs::rust(knob, setting))).collect()
}

fn cgroup(def: &CgroupDef<'_>, names: &Names<'_, '_>) -> String {
    let mut calls: Vec<String> = vec![limits_code(&def.limits)];
    let mut set = |name: &str, argument: Option<String>| {
        if let Some(argument) = argument {
            calls.push(format!(".{name}({argument})"));
        }
    };
    for work in def.works.iter() {
        set("work", Some(work_code(work)));
    }
    set("nice", def.nice.map(|nice| nice.to_string()));
    set("comm", def.comm.map(text));
    set("uid", def.uid.map(|id| id.to_string()));
    set("gid", def.gid.map(|id| id.to_string()));
    set("checks", def.checks.map(|checks| format!("&{}", rust_checks(checks))));
    set("workload", def.payload.map(|payload| names.reference(payload)));
    set("until_removed", def.until_removed.then(String::new));
    set("kept", def.kept.then(String::new));
    format!("CgroupDef::named({}){}", text(def.name), calls.concat())
}

fn work_code(work: &WorkSpec<'_>) -> String {
    let usual = WorkSpec::default();
    let mut code = format!("WorkSpec::new({})", value::work_type(&work.work_type));
    for (name, argument) in [
        ("workers", work.workers.map(|count| count.to_string())),
        ("workers_pct", work.workers_pct.map(real)),
        (
            "sched_policy",
            (work.sched_policy != usual.sched_policy).then(|| value::policy(&work.sched_policy)),
        ),
        ("affinity", (work.affinity != usual.affinity).then(|| value::affinity(&work.affinity))),
        ("mem_policy", (work.mem_policy != usual.mem_policy).then(|| value::mem_policy(&work.mem_policy))),
        ("mpol_flags", (work.mpol_flags != usual.mpol_flags).then(|| value::mpol_flags(work.mpol_flags))),
        ("nice", work.nice.map(|nice| nice.to_string())),
        ("comm", work.comm.map(text)),
        ("uid", work.uid.map(|id| id.to_string())),
        ("gid", work.gid.map(|id| id.to_string())),
    ] {
        if let Some(argument) = argument {
            code.push_str(&format!(".{name}({argument})"));
        }
    }
    code
}
