//! Operations: the table of one is read field by field, as the core's row of it says.

use crate::diagnose::error::Code;
use crate::diagnose::names::op_word;
use crate::load::cgroup::cgroup;
use crate::load::decoder::{Decoder, Value, nearest, short};
use crate::load::fields::{Fields, text_of};
use crate::load::file_check::file_check;
use crate::load::knobs::limits;
use crate::load::payload::payload_ref;
use crate::load::scheduler::scheduler_ref;
use crate::load::work::{affinity, sched_policy, whole_work};
use crate::schema::op_shapes::{OP, OPS, OpShape, words};
use crate::schema::shape::Kind;
use ktstr_core::{
    AffinityIntent, CgroupDef, CpusetSpec, Errno, FieldInfo, FileCheck, Limits, Op, OpSource, Part, Payload,
    Placement, SchedPolicy, Scheduler, Site, WorkSpec,
};
use std::time::Duration;
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
        if is_flawed && op.is_none_or(|op| op.kind().info().makes_a_cgroup()) {
            decoder.flaws.lose(site);
        }
        // One that could not be read leaves its place, so that those behind it keep their numbers.
        ops.push(op.unwrap_or(Op::remove_cgroup("")));
    }
    decoder.arena.alloc_slice_copy(&ops)
}

fn op<'a>(decoder: &mut Decoder<'a>, item: &Value<'_>) -> Option<Op<'a>> {
    let op = shape_of(decoder, item)?;
    let fields = &Fields::of_value(decoder, &op.shape, "ops", item)?;
    op.kind.make(&mut Reader { decoder, fields, at_runner: op.at_runner })
}

/// The fields of an operation, from the keys of its table. A text that is missing has been noted, and reads
/// as empty.
struct Reader<'r, 'a, 't, 'i> {
    decoder: &'r mut Decoder<'a>,
    fields: &'r Fields<'t, 'i>,
    at_runner: bool,
}

impl<'a> Reader<'_, 'a, '_, '_> {
    fn text(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        let text = self.fields.maybe_text(self.decoder, field.key);
        if field.required { Some(text.unwrap_or_default()) } else { text }
    }
}

impl<'a> OpSource<'a> for Reader<'_, 'a, '_, '_> {
    fn fails(&mut self) -> Option<Errno> {
        // That it has to fail is known also where it is not known with what.
        const ANY: Errno = Errno::EINVAL;
        let value = self.fields.get("fails")?;
        let Some(name) = text_of(self.decoder, "fails", value) else { return Some(ANY) };
        let known = Errno::from_name(name);
        if known.is_none() {
            self.decoder.unknown_word(&value.span(), "fails", name, Errno::NAMES);
        }
        known.or(Some(ANY))
    }

    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.text(field)
    }

    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.text(field)
    }

    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'a>> {
        self.text(field).map(Placement::of_path)
    }

    fn home(&mut self, field: &'static FieldInfo) -> Option<Placement<'a>> {
        if self.at_runner { Some(Placement::RunnerCgroup) } else { self.text(field).map(Placement::Cgroup) }
    }

    fn cpuset(&mut self, field: &'static FieldInfo) -> Option<CpusetSpec> {
        self.fields.cpuset(self.decoder, field.key)
    }

    fn affinity(&mut self, field: &'static FieldInfo) -> Option<AffinityIntent> {
        Some(affinity(self.decoder, self.fields, field.key))
    }

    fn work(&mut self, _: &'static FieldInfo) -> Option<WorkSpec<'a>> {
        Some(whole_work(self.decoder, self.fields))
    }

    fn def(&mut self, _: &'static FieldInfo) -> Option<&'a CgroupDef<'a>> {
        let def = cgroup(self.decoder, self.fields);
        Some(self.decoder.arena.alloc(def))
    }

    fn file_check(&mut self, _: &'static FieldInfo) -> Option<&'a FileCheck<'a>> {
        let check = file_check(self.decoder, self.fields);
        Some(self.decoder.arena.alloc(check))
    }

    fn limits(&mut self, _: &'static FieldInfo) -> Option<&'a Limits> {
        let limits = limits(self.decoder, self.fields);
        Some(self.decoder.arena.alloc(limits))
    }

    fn payload(&mut self, field: &'static FieldInfo) -> Option<&'a Payload<'a>> {
        payload_ref(self.decoder, field.key, self.fields.get(field.key)?)
    }

    fn payload_name(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.text(field)
    }

    fn scheduler(&mut self, field: &'static FieldInfo) -> Option<&'a Scheduler<'a>> {
        scheduler_ref(self.decoder, field.key, self.fields.get(field.key)?)
    }

    fn texts(&mut self, field: &'static FieldInfo) -> Option<&'a [&'a str]> {
        Some(self.fields.texts(self.decoder, field.key))
    }

    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration> {
        self.fields.duration(self.decoder, field.key)
    }

    fn tag(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.text(field)
    }

    fn text(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        Reader::text(self, field)
    }

    fn bytes(&mut self, field: &'static FieldInfo) -> Option<u64> {
        self.fields.size(self.decoder, field.key)
    }

    fn nice(&mut self, field: &'static FieldInfo) -> Option<i32> {
        self.fields.integer(self.decoder, field.key)
    }

    fn policy(&mut self, _: &'static FieldInfo) -> Option<SchedPolicy> {
        sched_policy(self.decoder, self.fields)
    }

    fn count(&mut self, field: &'static FieldInfo) -> Option<u32> {
        self.fields.integer(self.decoder, field.key)
    }

    fn flag(&mut self, field: &'static FieldInfo) -> Option<bool> {
        self.fields.has(field.key).then(|| self.fields.flag(self.decoder, field.key))
    }
}

/// Which operation it is.
fn shape_of(decoder: &mut Decoder<'_>, item: &Value<'_>) -> Option<&'static OpShape> {
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
    let op = OPS.iter().find(|op| op.shape.name == name.as_ref());
    if op.is_none() {
        let message = format!("there is no operation \"{}\"", short(name));
        let cure = match op_word(name).or_else(|| nearest(name, words())) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("there are {}", words().collect::<Vec<_>>().join(", ")),
        };
        decoder.error_with(&word.span(), Code::UnknownWord, message, cure);
    }
    op
}

#[cfg(test)]
mod tests {
    use crate::load;
    use bumpalo::Bump;
    use ktstr_core::OpKind;

    /// Whatever is wrong with all values of an operation is said of each, and nothing panics.
    #[test]
    fn every_field_of_every_operation_is_read() {
        for kind in OpKind::ALL {
            let info = kind.info();
            if info.fields.is_empty() {
                continue;
            }
            let keys = info.fields.iter().map(|field| format!(", {} = 1979-05-27", field.key));
            let text = format!(
                "name = \"x\"\nbackdrop = {{ ops = [{{ op = \"{}\"{} }}] }}",
                info.word,
                keys.collect::<String>()
            );
            let arena = Bump::new();
            let flawed = load(&text, &arena).expect_err("a date is of no use to an operation");
            let said = flawed.to_string();
            for field in info.fields {
                assert!(said.contains(&format!("`{}`", field.key)), "{kind:?}: {}: {said}", field.key);
            }
        }
    }
}
