//! What a row says of its operation, its fields as values, and where values for them come from: what readers,
//! writers, schema, documentation and generators go by, so that none of them lists operations.

use super::rows::OpKind;
use crate::model::affinity::AffinityIntent;
use crate::model::cgroup_def::CgroupDef;
use crate::model::controllers::Controllers;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::errno::Errno;
use crate::model::field::{FieldInfo, FieldKind};
use crate::model::file_check::FileCheck;
use crate::model::knob::Limits;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::sched_policy::SchedPolicy;
use crate::model::scheduler::Scheduler;
use crate::model::work::WorkSpec;
use core::time::Duration;

/// What a row says of an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpInfo {
    /// Which operation.
    pub kind: OpKind,
    /// What scenario files call it, and its constructor.
    pub word: &'static str,
    /// The constructor for one placed in a cgroup and the one at the runner's, where it is placed by words:
    /// the second is then what scenario files call it there.
    pub placed: Option<(&'static str, &'static str)>,
    /// The constructor that takes a cgroup last, where one may be left out.
    pub in_cgroup: Option<&'static str>,
    /// What it does, as a sentence or two.
    pub doc: &'static str,
    /// Its fields, in order.
    pub fields: &'static [FieldInfo],
    /// The controllers that it takes by itself.
    pub controllers: Controllers,
}

impl OpInfo {
    /// Whether it makes a cgroup.
    pub fn makes_a_cgroup(&self) -> bool {
        self.fields.iter().any(|field| field.kind == FieldKind::NewCgroup)
    }
}

/// A field of an operation with its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpField<'v, 'a> {
    /// Which field.
    pub info: &'static FieldInfo,
    /// What it holds.
    pub value: OpValue<'v, 'a>,
    /// Whether the constructor takes it.
    pub is_argument: bool,
    /// Whether that is what it is where it is not given.
    pub is_usual: bool,
}

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OpValue<'v, 'a> {
    /// Nothing was said.
    Absent,
    /// The name of a cgroup that has to be there.
    Cgroup(&'a str),
    /// The name of a cgroup that is made.
    NewCgroup(&'a str),
    /// A cgroup, or the runner's.
    Placement(Placement<'a>),
    /// The same, said by the word that stands for the operation.
    Home(Placement<'a>),
    /// CPUs.
    Cpuset(&'v CpusetSpec),
    /// Which CPUs workers ask for.
    Affinity(&'v AffinityIntent),
    /// A group of workers.
    Work(&'v WorkSpec<'a>),
    /// A cgroup with its limits and workers.
    Def(&'a CgroupDef<'a>),
    /// What control files are set to.
    Limits(&'a Limits),
    /// What a file is expected to say.
    FileCheck(&'a FileCheck<'a>),
    /// A payload.
    Payload(&'a Payload<'a>),
    /// The name of a payload that runs.
    PayloadName(&'a str),
    /// A scheduler.
    Scheduler(&'a Scheduler<'a>),
    /// A list of texts.
    Texts(&'a [&'a str]),
    /// A length of time.
    Time(Duration),
    /// What the report calls a record.
    Tag(&'a str),
    /// A text.
    Text(&'a str),
    /// A number of bytes.
    Bytes(u64),
    /// A nice value.
    Nice(i32),
    /// A scheduling policy.
    Policy(&'v SchedPolicy),
    /// A whole number.
    Count(u32),
    /// Yes or no.
    Flag(bool),
}

/// Where [`OpKind::make`] gets the fields of an operation from, a method for each kind of field. `None` says
/// that it is not given: one that may be left out then has its usual value, without another there is no
/// operation.
#[allow(missing_docs)] // each is for the kind of field with its name
pub trait OpSource<'a> {
    /// What the operation has to fail with, which is not asked for by a field.
    fn fails(&mut self) -> Option<Errno> {
        None
    }
    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'a str>;
    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'a str>;
    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'a>>;
    /// A placement that the word for the operation says.
    fn home(&mut self, field: &'static FieldInfo) -> Option<Placement<'a>>;
    fn cpuset(&mut self, field: &'static FieldInfo) -> Option<CpusetSpec>;
    fn affinity(&mut self, field: &'static FieldInfo) -> Option<AffinityIntent>;
    fn work(&mut self, field: &'static FieldInfo) -> Option<WorkSpec<'a>>;
    fn def(&mut self, field: &'static FieldInfo) -> Option<&'a CgroupDef<'a>>;
    fn file_check(&mut self, field: &'static FieldInfo) -> Option<&'a FileCheck<'a>>;
    fn limits(&mut self, field: &'static FieldInfo) -> Option<&'a Limits>;
    fn payload(&mut self, field: &'static FieldInfo) -> Option<&'a Payload<'a>>;
    fn payload_name(&mut self, field: &'static FieldInfo) -> Option<&'a str>;
    fn scheduler(&mut self, field: &'static FieldInfo) -> Option<&'a Scheduler<'a>>;
    fn texts(&mut self, field: &'static FieldInfo) -> Option<&'a [&'a str]>;
    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration>;
    fn tag(&mut self, field: &'static FieldInfo) -> Option<&'a str>;
    fn text(&mut self, field: &'static FieldInfo) -> Option<&'a str>;
    fn bytes(&mut self, field: &'static FieldInfo) -> Option<u64>;
    fn nice(&mut self, field: &'static FieldInfo) -> Option<i32>;
    fn policy(&mut self, field: &'static FieldInfo) -> Option<SchedPolicy>;
    fn count(&mut self, field: &'static FieldInfo) -> Option<u32>;
    fn flag(&mut self, field: &'static FieldInfo) -> Option<bool>;
}
