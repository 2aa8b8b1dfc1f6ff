//! Plainer operations and definitions: one thing that may be left out is, or a group of workers does nothing
//! special. Which things those are the tables of the core say.

use ktstr_core::prelude::*;
use ktstr_core::{FieldInfo, Knob, Limits, OpField, OpSource, OpValue, Placement};
use std::time::Duration;

/// How many ways there are to make a group of workers plainer.
const OF_WORK: usize = 3;

fn work<'a>(work: &WorkSpec<'a>, way: usize) -> WorkSpec<'a> {
    match way {
        0 => WorkSpec::new(WorkType::SpinWait),
        1 => {
            WorkSpec { workers: work.workers, workers_pct: work.workers_pct, ..WorkSpec::new(work.work_type) }
        }
        _ => WorkSpec { workers: None, workers_pct: None, ..*work },
    }
}

/// How many ways there are to make an operation plainer.
pub(crate) fn ways_of_op(op: &Op<'_>) -> usize {
    op.fields().count() + OF_WORK
}

/// The operation made plainer in one of its ways; itself where that one does not apply.
pub(crate) fn op<'a>(op: &Op<'a>, way: usize) -> Op<'a> {
    if let Op::AddCgroupDef { name, def, .. } = *op
        && way == op.fields().count()
    {
        return Op::AddCgroup { name, until_removed: def.until_removed, kept: def.kept, fails: None };
    }
    let fields: Vec<OpField<'_, 'a>> = op.fields().collect();
    let mut source = Plainer { way, at: 0, fields, fails: op.expected_failure() };
    op.kind().make(&mut source).unwrap_or(*op)
}

/// Gives the fields of an operation again, but for one.
struct Plainer<'v, 'a> {
    fields: Vec<OpField<'v, 'a>>,
    /// The field that is left out, or from their number on the way to make workers plainer.
    way: usize,
    at: usize,
    fails: Option<Errno>,
}

impl<'v, 'a> Plainer<'v, 'a> {
    /// The value of the next field; fields are asked for in order.
    fn next(&mut self) -> OpValue<'v, 'a> {
        let at = self.at;
        self.at += 1;
        match self.fields.get(at) {
            Some(field) if at != self.way || field.info.required => field.value,
            _ => OpValue::Absent,
        }
    }
}

/// Methods that give the value of one kind, and nothing for another.
macro_rules! same {
    ($($method:ident: $type:ty = $variant:ident;)+) => {
        $(fn $method(&mut self, _: &'static FieldInfo) -> Option<$type> {
            match self.next() {
                OpValue::$variant(value) => Some(value),
                _ => None,
            }
        })+
    };
}

impl<'a> OpSource<'a> for Plainer<'_, 'a> {
    fn fails(&mut self) -> Option<Errno> {
        self.fails
    }

    same! {
        cgroup: &'a str = Cgroup;
        new_cgroup: &'a str = NewCgroup;
        placement: Placement<'a> = Placement;
        home: Placement<'a> = Home;
        def: &'a CgroupDef<'a> = Def;
        limits: &'a Limits = Limits;
        file_check: &'a FileCheck<'a> = FileCheck;
        payload: &'a Payload<'a> = Payload;
        payload_name: &'a str = PayloadName;
        scheduler: &'a Scheduler<'a> = Scheduler;
        texts: &'a [&'a str] = Texts;
        time: Duration = Time;
        tag: &'a str = Tag;
        text: &'a str = Text;
        bytes: u64 = Bytes;
        nice: i32 = Nice;
        count: u32 = Count;
        flag: bool = Flag;
    }

    fn cpuset(&mut self, _: &'static FieldInfo) -> Option<CpusetSpec> {
        if let OpValue::Cpuset(cpus) = self.next() { Some(*cpus) } else { None }
    }

    fn affinity(&mut self, _: &'static FieldInfo) -> Option<AffinityIntent> {
        if let OpValue::Affinity(affinity) = self.next() { Some(*affinity) } else { None }
    }

    fn policy(&mut self, _: &'static FieldInfo) -> Option<SchedPolicy> {
        if let OpValue::Policy(policy) = self.next() { Some(*policy) } else { None }
    }

    fn work(&mut self, _: &'static FieldInfo) -> Option<WorkSpec<'a>> {
        let OpValue::Work(own) = self.next() else { return None };
        Some(self.way.checked_sub(self.fields.len()).map_or(*own, |way| work(own, way)))
    }
}

/// How many ways there are to make a definition plainer.
pub(crate) fn ways_of_def(def: &CgroupDef<'_>) -> usize {
    Knob::ALL.len() + 3 + def.works.len() * (1 + OF_WORK)
}

/// The definition made plainer in one of its ways; itself where that one does not apply.
pub(crate) fn def<'a>(def: &CgroupDef<'a>, way: usize) -> CgroupDef<'a> {
    const KNOBS: usize = Knob::ALL.len();
    match way {
        0 => CgroupDef { payload: None, ..*def },
        1 => CgroupDef { nice: None, comm: None, uid: None, gid: None, ..*def },
        2 => CgroupDef { until_removed: false, kept: false, ..*def },
        3.. if way - 3 < KNOBS => CgroupDef { limits: without(&def.limits, Knob::ALL[way - 3]), ..*def },
        _ => {
            let (at, way) = ((way - 3 - KNOBS) / (1 + OF_WORK), (way - 3 - KNOBS) % (1 + OF_WORK));
            let works = def.works.iter().enumerate();
            // A definition without groups has the default one.
            let kept = works.filter(|(index, _)| *index != at || way < OF_WORK);
            let plainer = kept.map(|(index, own)| if index == at { work(own, way) } else { *own });
            let bare = CgroupDef { works: CgroupDef::named("").works, ..*def };
            plainer.fold(bare, CgroupDef::work)
        }
    }
}

fn without(limits: &Limits, knob: Knob) -> Limits {
    let others = limits.named().iter().filter(|&other| other != knob);
    others.fold(Limits::NONE, |kept, other| {
        limits.get(other).and_then(|setting| kept.with(other, setting)).unwrap_or(kept)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::OPS;
    use ktstr_core::FieldKind;

    #[test]
    fn each_field_that_may_be_left_out_is_and_nothing_else_changes() {
        for op in OPS.iter() {
            assert_eq!(super::op(op, usize::MAX / 2).kind(), op.kind());
            for (way, field) in op.fields().enumerate() {
                let plainer = super::op(op, way);
                for (index, (one, other)) in op.fields().zip(plainer.fields()).enumerate() {
                    let left_out = index == way && !field.info.required;
                    assert!(one.value == other.value || left_out, "{op:?}, {}", one.info.key);
                    assert!(!left_out || other.is_usual || one.info.kind == FieldKind::Texts, "{plainer:?}");
                }
            }
        }
    }

    #[test]
    fn every_part_of_a_definition_can_go() {
        let all =
            CgroupDef::named("a").limits(Limits::EXAMPLE).workers(3).nice(4).comm("w").until_removed().kept();
        let mut plain = all.work(WorkSpec::new(WorkType::YieldHeavy));
        for _ in 0..3 {
            for way in 0..ways_of_def(&plain) {
                plain = def(&plain, way);
            }
        }
        assert_eq!(plain, CgroupDef::named("a"));
    }
}
