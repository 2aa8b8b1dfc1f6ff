//! Every row: what it says of itself, and that nothing of an operation is lost on the way through its fields.

extern crate std;

use super::*;
use crate::model::affinity::AffinityIntent;
use crate::model::cgroup_def::CgroupDef;
use crate::model::cpuset::CpuSet;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::field::FieldInfo;
use crate::model::file_check::FileCheck;
use crate::model::knob::Limits;
use crate::model::payload::Payload;
use crate::model::sched_policy::SchedPolicy;
use crate::model::scheduler::Scheduler;
use std::collections::BTreeSet;
use std::vec::Vec;

static DEF: CgroupDef = CgroupDef::named("said").cpuset(CPUS).cpu_weight(50).workload(&PAYLOAD);
static CHECK: FileCheck = FileCheck::file("cgroup.events").key("populated").equals("1");
static PAYLOAD: Payload = Payload::binary("p", "true");
static SCHEDULER: Scheduler = Scheduler::new("s", "true");
const CPUS: CpusetSpec = CpusetSpec::exact(CpuSet::range(0, 2));

/// Gives every field, cgroups each another name; or only those that have to be given.
pub(crate) struct Source {
    all: bool,
    asked: Vec<&'static FieldInfo>,
    names: &'static [&'static str],
}

impl Source {
    fn new(all: bool) -> Self {
        Self { all, asked: Vec::new(), names: &["one", "two"] }
    }

    /// Every field, where cgroups have these names.
    pub(crate) fn naming(names: &'static [&'static str]) -> Self {
        Self { names, ..Self::new(true) }
    }

    fn give<T>(&mut self, field: &'static FieldInfo, value: T) -> Option<T> {
        self.asked.push(field);
        (self.all || field.required).then_some(value)
    }

    fn name(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        let name = self.names.split_off_first().expect("an operation names two cgroups at most");
        self.give(field, *name)
    }
}

impl OpSource<'static> for Source {
    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.name(field)
    }
    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.name(field)
    }
    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'static>> {
        self.name(field).map(Placement::Cgroup)
    }
    fn home(&mut self, field: &'static FieldInfo) -> Option<Placement<'static>> {
        self.name(field).map(Placement::Cgroup)
    }
    fn cpuset(&mut self, field: &'static FieldInfo) -> Option<CpusetSpec> {
        self.give(field, CPUS)
    }
    fn affinity(&mut self, field: &'static FieldInfo) -> Option<AffinityIntent> {
        self.give(field, AffinityIntent::SingleCpu)
    }
    fn work(&mut self, field: &'static FieldInfo) -> Option<WorkSpec<'static>> {
        self.give(field, WorkSpec::default())
    }
    fn def(&mut self, field: &'static FieldInfo) -> Option<&'static CgroupDef<'static>> {
        self.give(field, &DEF)
    }
    fn file_check(&mut self, field: &'static FieldInfo) -> Option<&'static FileCheck<'static>> {
        self.give(field, &CHECK)
    }
    fn limits(&mut self, field: &'static FieldInfo) -> Option<&'static Limits> {
        self.give(field, &DEF.limits)
    }
    fn payload(&mut self, field: &'static FieldInfo) -> Option<&'static Payload<'static>> {
        self.give(field, &PAYLOAD)
    }
    fn payload_name(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.give(field, "p")
    }
    fn scheduler(&mut self, field: &'static FieldInfo) -> Option<&'static Scheduler<'static>> {
        self.give(field, &SCHEDULER)
    }
    fn texts(&mut self, field: &'static FieldInfo) -> Option<&'static [&'static str]> {
        self.asked.push(field);
        Some(&["--quick"])
    }
    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration> {
        self.give(field, Duration::from_millis(7))
    }
    fn tag(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.give(field, "t")
    }
    fn text(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.give(field, "memory.high")
    }
    fn bytes(&mut self, field: &'static FieldInfo) -> Option<u64> {
        self.give(field, 4096)
    }
    fn nice(&mut self, field: &'static FieldInfo) -> Option<i32> {
        self.give(field, -1)
    }
    fn policy(&mut self, field: &'static FieldInfo) -> Option<SchedPolicy> {
        self.give(field, SchedPolicy::Batch)
    }
    fn count(&mut self, field: &'static FieldInfo) -> Option<u32> {
        self.give(field, 3)
    }
    fn flag(&mut self, field: &'static FieldInfo) -> Option<bool> {
        self.give(field, true)
    }
}

fn make(kind: OpKind, all: bool) -> Op<'static> {
    kind.make(&mut Source::new(all)).expect("all that it needs is given")
}

#[test]
fn rows_are_in_order_and_say_everything() {
    let mut words = BTreeSet::new();
    for (index, kind) in OpKind::ALL.into_iter().enumerate() {
        let info = kind.info();
        assert_eq!((info.kind, kind as usize), (kind, index));
        assert!(
            words.insert(info.word) && info.placed.is_none_or(|(_, word)| words.insert(word)),
            "{kind:?}"
        );
        assert!(info.doc.ends_with('.') && !info.doc.contains("  "), "{kind:?}: {:?}", info.doc);
        for field in info.fields {
            assert!(field.doc.ends_with('.') && !field.doc.starts_with(' '), "{kind:?}: {:?}", field.doc);
        }
    }
}

#[test]
fn each_is_made_of_its_fields_and_shows_them_again() {
    for kind in OpKind::ALL {
        let mut source = Source::new(true);
        let op = kind.make(&mut source).expect("all is given");
        assert_eq!(op.kind(), kind);
        let fields: Vec<_> = op.fields().collect();
        let infos: Vec<&FieldInfo> = fields.iter().map(|field| field.info).collect();
        assert_eq!(infos, kind.info().fields.iter().collect::<Vec<_>>(), "{kind:?}");
        assert_eq!(infos, source.asked, "{kind:?}");
        assert!(fields.iter().all(|field| !field.is_usual && field.value != OpValue::Absent), "{op:?}");
    }
}

#[test]
fn what_may_be_left_out_has_its_usual_value() {
    for kind in OpKind::ALL {
        let op = make(kind, false);
        for field in op.fields() {
            let open = !field.info.required && !matches!(field.value, OpValue::Texts(_));
            assert_eq!(field.is_usual, open, "{op:?}: {}", field.info.key);
        }
    }
    assert_eq!(
        make(OpKind::AddCgroupDef, true).fields().next().map(|f| f.value),
        Some(OpValue::NewCgroup("one"))
    );
}

#[test]
fn every_cgroup_that_is_named_is_looked_up_and_renamed() {
    for kind in OpKind::ALL {
        let op = make(kind, true);
        let Mentioned { one, two } = op.mentioned();
        let named = kind.info().fields.iter().filter(|field| field.kind.names_a_cgroup()).count();
        assert_eq!([one, two].into_iter().flatten().collect::<Vec<_>>(), ["one", "two"][..named], "{kind:?}");
        let renamed =
            op.try_rename_cgroups(|name| Ok::<_, ()>(if name == "one" { "1" } else { "2" })).expect("it may");
        let Mentioned { one, two } = renamed.mentioned();
        assert_eq!([one, two].into_iter().flatten().collect::<Vec<_>>(), ["1", "2"][..named], "{kind:?}");
        assert_eq!(op.try_rename_cgroups(Err).is_err(), named > 0, "{kind:?}");
    }
}

#[test]
fn constructors_make_the_operations_that_they_always_made() {
    let place = Some(Placement::Cgroup("c"));
    for (short, long) in [
        (
            Op::add_cgroup("c").until_removed(),
            Op::AddCgroup { name: "c", until_removed: true, kept: false, fails: None },
        ),
        (
            Op::add_cgroup("c").kept(),
            Op::AddCgroup { name: "c", until_removed: false, kept: true, fails: None },
        ),
        (Op::add_cgroup_def(&DEF), Op::AddCgroupDef { name: "said", def: &DEF, fails: None }),
        (Op::spawn_host(WorkSpec::default()), Op::spawn(Placement::RunnerCgroup, WorkSpec::default())),
        (Op::spawn_workers("", WorkSpec::default()), Op::spawn(Placement::Cgroup(""), WorkSpec::default())),
        (
            Op::move_all_tasks("", "c"),
            Op::MoveAllTasks { from: Placement::RunnerCgroup, to: Placement::Cgroup("c"), fails: None },
        ),
        (
            Op::run_payload_in_cgroup(&PAYLOAD, &[], ""),
            Op::RunPayload { payload: &PAYLOAD, args: &[], cgroup: Some(""), fails: None },
        ),
        (
            Op::wait_payload_in_cgroup("p", "c").timeout(Duration::ZERO),
            Op::WaitPayload { name: "p", cgroup: place, timeout: Some(Duration::ZERO), fails: None },
        ),
        (
            Op::kill_payload_in_cgroup("p", ""),
            Op::KillPayload {
                name: "p",
                cgroup: Some(Placement::RunnerCgroup),
                grace: DEFAULT_GRACE,
                fails: None,
            },
        ),
        (
            Op::kill_payload("p").grace(Duration::ZERO).timeout(DEFAULT_WAIT).until_removed().kept(),
            Op::KillPayload { name: "p", cgroup: None, grace: Duration::ZERO, fails: None },
        ),
    ] {
        assert_eq!(short, long);
    }
}

#[test]
fn what_an_operation_brings_is_found_in_its_fields() {
    let run = Op::run_payload(&PAYLOAD, &[]);
    let set = Op::set_cpuset("c", CPUS);
    let add = Op::add_cgroup_def(&DEF);
    assert_eq!((set.cpuset(), add.cpuset(), run.cpuset()), (Some(&CPUS), Some(&CPUS), None));
    assert_eq!((set.payload(), add.payload(), run.payload()), (None, Some(&PAYLOAD), Some(&PAYLOAD)));
    assert_eq!((set.def(), add.def(), run.def()), (None, Some(&DEF), None));
    assert_eq!((set.entries(), add.entries(), run.entries()), (0, 3, 2));
    assert!(
        add.controllers() == DEF.controllers()
            && !set.controllers().is_empty()
            && run.controllers().is_empty()
    );
}
