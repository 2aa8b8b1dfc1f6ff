//! Operations.

use crate::diagnose::error::Code;
use crate::load::cgroup::cgroup;
use crate::load::decoder::{Decoder, Value, nearest, short};
use crate::load::fields::Fields;
use crate::load::payload::payload_ref;
use crate::load::work::{affinity, whole_work};
use crate::schema::op_shapes::{OP, OPS};
use crate::schema::shape::{Kind, Shape};

use ktstr_core::{DEFAULT_GRACE, Op, Part, Payload, Placement, Site};
use toml::de::DeValue;

/// The items of `ops`.
pub(crate) fn ops<'a>(
    decoder: &mut Decoder<'a>,
    items: &[Value<'_>],
    site: impl Fn(Part) -> Site,
) -> &'a [Op<'a>] {
    let mut ops = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let site = site(Part::Op(index as u32));
        let (op, is_flawed) = decoder.part(site, &item.span(), |decoder| op(decoder, item));
        if is_flawed && matches!(op, None | Some(Op::AddCgroup { .. } | Op::AddCgroupDef { .. })) {
            decoder.flaws.lose(site);
        }
        // One that could not be read leaves its place, so that those behind it keep their numbers.
        ops.push(op.unwrap_or(Op::remove_cgroup("")));
    }
    decoder.arena.alloc_slice_copy(&ops)
}

fn op<'a>(decoder: &mut Decoder<'a>, item: &Value<'_>) -> Option<Op<'a>> {
    let shape = shape_of(decoder, item)?;
    let fields = Fields::of_value(decoder, shape, "ops", item)?;
    let cgroup_path = |decoder: &mut Decoder<'a>| fields.text(decoder, "cgroup");
    let op = match shape.name {
        "add_cgroup" => {
            Op::AddCgroup { name: cgroup_path(decoder), until_removed: fields.flag(decoder, "until_removed") }
        }
        "add_cgroup_def" => {
            let def = decoder.arena.alloc(cgroup(decoder, &fields));
            Op::AddCgroupDef { name: fields.maybe_text(decoder, "cgroup").unwrap_or(def.name), def }
        }
        "remove_cgroup" => Op::RemoveCgroup { cgroup: cgroup_path(decoder) },
        "set_cpuset" => {
            let cpus = fields.cpuset(decoder, "cpuset");
            Op::SetCpuset { cgroup: cgroup_path(decoder), cpus: cpus? }
        }
        "clear_cpuset" => Op::ClearCpuset { cgroup: cgroup_path(decoder) },
        "swap_cpusets" => Op::SwapCpusets { a: fields.text(decoder, "a"), b: fields.text(decoder, "b") },
        "spawn" => Op::Spawn {
            placement: Placement::Cgroup(cgroup_path(decoder)),
            work: whole_work(decoder, &fields),
        },
        "spawn_host" => Op::Spawn { placement: Placement::RunnerCgroup, work: whole_work(decoder, &fields) },
        "stop_cgroup" => Op::StopCgroup { cgroup: cgroup_path(decoder) },
        "set_affinity" => {
            Op::SetAffinity { cgroup: cgroup_path(decoder), affinity: affinity(decoder, &fields) }
        }
        "move_all_tasks" => Op::move_all_tasks(fields.text(decoder, "from"), fields.text(decoder, "to")),
        "freeze_cgroup" => Op::FreezeCgroup { cgroup: cgroup_path(decoder) },
        "unfreeze_cgroup" => Op::UnfreezeCgroup { cgroup: cgroup_path(decoder) },
        "capture_cgroup_procs" => {
            Op::CaptureCgroupProcs { tag: fields.text(decoder, "tag"), cgroup: cgroup_path(decoder) }
        }
        "steer_irq" => {
            let (irq, cpu) = (fields.integer(decoder, "irq"), fields.integer(decoder, "cpu"));
            Op::SteerIrq { irq: irq?, cpu: cpu? }
        }
        _ => return payload_op(decoder, shape, &fields),
    };
    Some(op)
}

fn payload_op<'a>(decoder: &mut Decoder<'a>, shape: &Shape, fields: &Fields<'_, '_>) -> Option<Op<'a>> {
    let cgroup = fields.maybe_text(decoder, "cgroup");
    Some(match shape.name {
        "run_payload" => {
            let args = fields.texts(decoder, "args");
            let payload: &'a Payload<'a> = payload_ref(decoder, "payload", fields.get("payload")?)?;
            Op::RunPayload { payload, args, cgroup }
        }
        "wait_payload" => {
            let timeout = fields.duration(decoder, "timeout");
            let cgroup = cgroup.map(Placement::of_path);
            Op::WaitPayload { name: fields.text(decoder, "payload"), cgroup, timeout }
        }
        "kill_payload" => {
            let grace = fields.duration(decoder, "grace").unwrap_or(DEFAULT_GRACE);
            let cgroup = cgroup.map(Placement::of_path);
            Op::KillPayload { name: fields.text(decoder, "payload"), cgroup, grace }
        }
        other => unreachable!("{other} is in OPS but not read"),
    })
}

/// Which operation it is.
fn shape_of(decoder: &mut Decoder<'_>, item: &Value<'_>) -> Option<&'static Shape> {
    let DeValue::Table(table) = item.get_ref() else {
        decoder.wrong_type(item, "ops", &Kind::Table(&OP));
        return None;
    };
    let Some((_, word)) = table.iter().find(|(key, _)| key.get_ref() == "op") else {
        let cure = "add which, as in op = \"add_cgroup\"";
        decoder.error_with(&item.span(), Code::MissingKey, "`op` is missing in this operation", cure);
        return None;
    };
    let DeValue::String(name) = word.get_ref() else {
        decoder.wrong_type(word, "op", &Kind::Text);
        return None;
    };
    let shape = OPS.iter().find(|shape| shape.name == name.as_ref());
    if shape.is_none() {
        let message = format!("there is no operation \"{}\"", short(name));
        let cure = match nearest(name, OPS.iter().map(|shape| shape.name)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => {
                let known: Vec<_> = OPS.iter().map(|shape| shape.name).collect();
                format!("there are {}", known.join(", "))
            }
        };
        decoder.error_with(&word.span(), Code::UnknownWord, message, cure);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use bumpalo::Bump;
    use toml::de::DeTable;

    /// Each operation that the shapes name is one that is read: no panic, and none is lost without an error.
    #[test]
    fn every_operation_is_read() {
        for shape in &OPS {
            let text = format!("ops = [{{ op = \"{}\" }}]", shape.name);
            let root = DeTable::parse(&text).expect("TOML");
            let arena = Bump::new();
            let mut decoder = Decoder::new(&arena);
            let items = match root.get_ref().iter().next().map(|(_, value)| value.get_ref()) {
                Some(DeValue::Array(items)) => items,
                _ => panic!("a list"),
            };
            let ops = ops(&mut decoder, items, Site::Backdrop);
            assert!(ops.len() == 1 || !decoder.is_clean(), "{}", shape.name);
        }
    }
}
