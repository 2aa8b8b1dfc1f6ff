//! The kinds of fields that rows of operations are made of: what each is in Rust, and what follows from it.
//! Each macro takes the kind by its word; those that end in an arm for all others look for a few kinds only.

/// The type of the field.
macro_rules! field_type {
    ($a:lifetime cgroup) => { &$a str };
    ($a:lifetime new_cgroup) => { &$a str };
    ($a:lifetime placement) => { crate::model::placement::Placement<$a> };
    ($a:lifetime home) => { crate::model::placement::Placement<$a> };
    ($a:lifetime inside) => { Option<&$a str> };
    ($a:lifetime anywhere) => { Option<crate::model::placement::Placement<$a>> };
    ($a:lifetime cpuset) => { crate::model::cpuset_spec::CpusetSpec };
    ($a:lifetime affinity) => { crate::model::affinity::AffinityIntent };
    ($a:lifetime work) => { crate::model::work::WorkSpec<$a> };
    ($a:lifetime def) => { &$a crate::model::cgroup_def::CgroupDef<$a> };
    ($a:lifetime file_check) => { &$a crate::model::file_check::FileCheck<$a> };
    ($a:lifetime limits) => { &$a crate::model::knob::Limits };
    ($a:lifetime payload) => { &$a crate::model::payload::Payload<$a> };
    ($a:lifetime payload_name) => { &$a str };
    ($a:lifetime scheduler) => { &$a crate::model::scheduler::Scheduler<$a> };
    ($a:lifetime texts) => { &$a [&$a str] };
    ($a:lifetime wait) => { Option<core::time::Duration> };
    ($a:lifetime time) => { core::time::Duration };
    ($a:lifetime tag) => { &$a str };
    ($a:lifetime text) => { &$a str };
    ($a:lifetime file) => { &$a str };
    ($a:lifetime bytes) => { u64 };
    ($a:lifetime nice) => { i32 };
    ($a:lifetime policy) => { crate::model::sched_policy::SchedPolicy };
    ($a:lifetime irq) => { u32 };
    ($a:lifetime number) => { u32 };
    ($a:lifetime flag) => { bool };
}

/// What the shared vocabulary calls it.
macro_rules! field_kind {
    (cgroup) => {
        FieldKind::Cgroup
    };
    (new_cgroup) => {
        FieldKind::NewCgroup
    };
    (placement) => {
        FieldKind::Placement
    };
    (home) => {
        FieldKind::Placement
    };
    (inside) => {
        FieldKind::Cgroup
    };
    (anywhere) => {
        FieldKind::Placement
    };
    (cpuset) => {
        FieldKind::Cpuset
    };
    (affinity) => {
        FieldKind::Affinity
    };
    (work) => {
        FieldKind::Work
    };
    (def) => {
        FieldKind::Def
    };
    (file_check) => {
        FieldKind::FileCheck
    };
    (limits) => {
        FieldKind::Limits
    };
    (payload) => {
        FieldKind::Payload
    };
    (payload_name) => {
        FieldKind::PayloadName
    };
    (scheduler) => {
        FieldKind::Scheduler
    };
    (texts) => {
        FieldKind::Texts
    };
    (wait) => {
        FieldKind::TIME
    };
    (time) => {
        FieldKind::TIME
    };
    (tag) => {
        FieldKind::Tag
    };
    (text) => {
        FieldKind::Text
    };
    (file) => {
        FieldKind::Text
    };
    (bytes) => {
        FieldKind::Bytes
    };
    (nice) => {
        FieldKind::Nice
    };
    (policy) => {
        FieldKind::Policy
    };
    (irq) => {
        FieldKind::COUNT
    };
    (number) => {
        FieldKind::COUNT
    };
    (flag) => {
        FieldKind::Flag
    };
}

/// Asks a source for the value.
macro_rules! field_take {
    (cgroup $source:ident $info:expr) => {
        $source.cgroup($info)
    };
    (new_cgroup $source:ident $info:expr) => {
        $source.new_cgroup($info)
    };
    (placement $source:ident $info:expr) => {
        $source.placement($info)
    };
    (home $source:ident $info:expr) => {
        $source.home($info)
    };
    (inside $source:ident $info:expr) => {
        $source.cgroup($info).map(Some)
    };
    (anywhere $source:ident $info:expr) => {
        $source.placement($info).map(Some)
    };
    (cpuset $source:ident $info:expr) => {
        $source.cpuset($info)
    };
    (affinity $source:ident $info:expr) => {
        $source.affinity($info)
    };
    (work $source:ident $info:expr) => {
        $source.work($info)
    };
    (def $source:ident $info:expr) => {
        $source.def($info)
    };
    (file_check $source:ident $info:expr) => {
        $source.file_check($info)
    };
    (limits $source:ident $info:expr) => {
        $source.limits($info)
    };
    (payload $source:ident $info:expr) => {
        $source.payload($info)
    };
    (payload_name $source:ident $info:expr) => {
        $source.payload_name($info)
    };
    (scheduler $source:ident $info:expr) => {
        $source.scheduler($info)
    };
    (texts $source:ident $info:expr) => {
        $source.texts($info)
    };
    (wait $source:ident $info:expr) => {
        $source.time($info).map(Some)
    };
    (time $source:ident $info:expr) => {
        $source.time($info)
    };
    (tag $source:ident $info:expr) => {
        $source.tag($info)
    };
    (text $source:ident $info:expr) => {
        $source.text($info)
    };
    (file $source:ident $info:expr) => {
        $source.text($info)
    };
    (bytes $source:ident $info:expr) => {
        $source.bytes($info)
    };
    (nice $source:ident $info:expr) => {
        $source.nice($info)
    };
    (policy $source:ident $info:expr) => {
        $source.policy($info)
    };
    (irq $source:ident $info:expr) => {
        $source.count($info)
    };
    (number $source:ident $info:expr) => {
        $source.count($info)
    };
    (flag $source:ident $info:expr) => {
        $source.flag($info)
    };
}

/// The value behind a reference, for whoever reads all fields alike.
macro_rules! field_value {
    (cgroup $field:ident) => {
        OpValue::Cgroup($field)
    };
    (new_cgroup $field:ident) => {
        OpValue::NewCgroup($field)
    };
    (placement $field:ident) => {
        OpValue::Placement(*$field)
    };
    (home $field:ident) => {
        OpValue::Home(*$field)
    };
    (inside $field:ident) => {
        match *$field {
            Some(path) => OpValue::Cgroup(path),
            None => OpValue::Absent,
        }
    };
    (anywhere $field:ident) => {
        match *$field {
            Some(placement) => OpValue::Placement(placement),
            None => OpValue::Absent,
        }
    };
    (cpuset $field:ident) => {
        OpValue::Cpuset($field)
    };
    (affinity $field:ident) => {
        OpValue::Affinity($field)
    };
    (work $field:ident) => {
        OpValue::Work($field)
    };
    (def $field:ident) => {
        OpValue::Def($field)
    };
    (file_check $field:ident) => {
        OpValue::FileCheck($field)
    };
    (limits $field:ident) => {
        OpValue::Limits($field)
    };
    (payload $field:ident) => {
        OpValue::Payload($field)
    };
    (payload_name $field:ident) => {
        OpValue::PayloadName($field)
    };
    (scheduler $field:ident) => {
        OpValue::Scheduler($field)
    };
    (texts $field:ident) => {
        OpValue::Texts($field)
    };
    (wait $field:ident) => {
        match *$field {
            Some(time) => OpValue::Time(time),
            None => OpValue::Absent,
        }
    };
    (time $field:ident) => {
        OpValue::Time(*$field)
    };
    (tag $field:ident) => {
        OpValue::Tag($field)
    };
    (text $field:ident) => {
        OpValue::Text($field)
    };
    (file $field:ident) => {
        OpValue::Text($field)
    };
    (bytes $field:ident) => {
        OpValue::Bytes(*$field)
    };
    (nice $field:ident) => {
        OpValue::Nice(*$field)
    };
    (policy $field:ident) => {
        OpValue::Policy($field)
    };
    (irq $field:ident) => {
        OpValue::Count(*$field)
    };
    (number $field:ident) => {
        OpValue::Count(*$field)
    };
    (flag $field:ident) => {
        OpValue::Flag(*$field)
    };
}

/// The type of the constructor's argument.
macro_rules! field_argument {
    ($a:lifetime placement) => { &$a str };
    ($a:lifetime $other:ident) => { field_type!($a $other) };
}

/// The value from the constructor's argument.
macro_rules! field_from {
    (placement $argument:ident) => {
        crate::model::placement::Placement::of_path($argument)
    };
    ($other:ident $argument:ident) => {
        $argument
    };
}

/// Whether a field that the constructor asks for has to be in a scenario file.
macro_rules! field_required {
    (texts) => {
        false
    };
    ($other:ident) => {
        true
    };
    (may $any:ident) => {
        false
    };
}

/// The plain value of a field that is not given.
macro_rules! field_usual {
    (flag $usual:expr) => {
        Some(FieldValue::Flag($usual))
    };
    (time $usual:expr) => {
        Some(FieldValue::Time($usual))
    };
    ($other:ident $usual:expr) => {
        None
    };
    (need $any:ident) => {
        None
    };
}

/// Adds the cgroup that a field names, if its kind can name one.
macro_rules! field_mention {
    (cgroup $field:ident $found:ident) => {
        $found = $found.and($field)
    };
    (new_cgroup $field:ident $found:ident) => {
        $found = $found.and($field)
    };
    (placement $field:ident $found:ident) => {
        $found = $found.and($field.path())
    };
    (home $field:ident $found:ident) => {
        $found = $found.and($field.path())
    };
    (inside $field:ident $found:ident) => {
        $found = $found.and(match *$field {
            Some(path) => path,
            None => "",
        })
    };
    (anywhere $field:ident $found:ident) => {
        $found = $found.and(match *$field {
            Some(placement) => placement.path(),
            None => "",
        })
    };
    ($other:ident $field:ident $found:ident) => {};
}

/// Renames the cgroup that a field names, if it names one.
macro_rules! field_rename {
    (cgroup $field:ident $rename:ident) => { *$field = $rename($field)? };
    (new_cgroup $field:ident $rename:ident) => { *$field = $rename($field)? };
    (placement $field:ident $rename:ident) => {
        if let Placement::Cgroup(path) = $field { *path = $rename(path)?; }
    };
    (home $field:ident $rename:ident) => { field_rename!(placement $field $rename) };
    (inside $field:ident $rename:ident) => { if let Some(path) = $field { *path = $rename(path)?; } };
    (anywhere $field:ident $rename:ident) => {
        if let Some(Placement::Cgroup(path)) = $field { *path = $rename(path)?; }
    };
    ($other:ident $field:ident $rename:ident) => {};
}

/// How many entries validation makes at most for what a field brings.
macro_rules! field_entries {
    (new_cgroup $field:ident) => {
        1
    };
    (irq $field:ident) => {
        1
    };
    (payload $field:ident) => {
        2
    };
    (def $field:ident) => {
        if $field.payload.is_some() { 2 } else { 0 }
    };
    ($other:ident $field:ident) => {
        0
    };
}

/// Adds the controllers that a field takes.
macro_rules! field_controllers {
    (def $field:ident $needs:ident) => {
        $needs = $needs.or($field.controllers())
    };
    (file_check $field:ident $needs:ident) => {
        $needs = $needs.or($field.controllers())
    };
    (file $field:ident $needs:ident) => {
        $needs = $needs.or(crate::model::file_check::FileCheck::file($field).controllers())
    };
    (limits $field:ident $needs:ident) => {
        $needs = $needs.or($field.controllers())
    };
    (scheduler $field:ident $needs:ident) => {
        $needs = $needs.or($field.controllers)
    };
    ($other:ident $field:ident $needs:ident) => {};
}

/// Returns the description of CPUs that a field holds.
macro_rules! field_cpuset {
    (cpuset $field:ident) => {
        return Some($field)
    };
    (def $field:ident) => {
        return $field.limits.cpuset.as_ref()
    };
    (limits $field:ident) => {
        return $field.cpuset.as_ref()
    };
    ($other:ident $field:ident) => {};
}

/// Returns the definition that a field holds.
macro_rules! field_def {
    (def $field:ident) => {
        return Some($field)
    };
    ($other:ident $field:ident) => {};
}

/// Returns the payload that a field starts.
macro_rules! field_payload {
    (payload $field:ident) => {
        return Some($field)
    };
    (def $field:ident) => {
        return $field.payload
    };
    ($other:ident $field:ident) => {};
}

/// Returns the cgroup that a field makes.
macro_rules! field_makes {
    (new_cgroup $field:ident) => {
        return Some($field)
    };
    ($other:ident $field:ident) => {};
}

/// Returns the scheduler that a field holds.
macro_rules! field_scheduler {
    (scheduler $field:ident) => {
        return Some($field)
    };
    ($other:ident $field:ident) => {};
}

/// Sets a field, if it is of the kind.
macro_rules! field_set {
    (flag flag $field:ident $value:ident) => {
        *$field = $value
    };
    (time time $field:ident $value:ident) => {
        *$field = $value
    };
    (time wait $field:ident $value:ident) => {
        *$field = Some($value)
    };
    (place inside $field:ident $value:ident) => {
        *$field = $value.cgroup()
    };
    (place anywhere $field:ident $value:ident) => {
        *$field = Some($value)
    };
    (name new_cgroup $field:ident $value:ident) => {
        *$field = $value
    };
    ($any:ident $other:ident $field:ident $value:ident) => {};
}

pub(crate) use {
    field_argument, field_controllers, field_cpuset, field_def, field_entries, field_from, field_kind,
    field_makes, field_mention, field_payload, field_rename, field_required, field_scheduler, field_set,
    field_take, field_type, field_usual, field_value,
};
