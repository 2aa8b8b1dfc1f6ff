//! What was probably meant by a name that nothing has: a key that belongs into another table, an operation by
//! a part of its name. Slips of the pen are found in [`nearest`](crate::load::decoder::nearest).

use crate::schema::check_shapes::{CHECKS, PAYLOAD_CHECK};
use crate::schema::op_shapes::words;
use crate::schema::shape::{Kind, Shape};
use crate::schema::shapes::{BACKDROP, CGROUP, LOOP, PAYLOAD, SCENARIO, SCHED_POLICY, STEP, TOPOLOGY, WORKS};
use crate::schema::work_shapes::shapes;
use ktstr_core::Knob;

/// The tables that a key can belong into, in the order in which they are thought of, with what is written to
/// get there from anywhere in a file.
const HOMES: [(&Shape, &str); 9] = [
    (&BACKDROP, "[backdrop]"),
    (&STEP, "[[steps]]"),
    (&CGROUP, "[[backdrop.cgroups]], or into [[steps.cgroups]] for one step"),
    (&CHECKS, "[checks] at the top of the file"),
    (&TOPOLOGY, "[topology] at the top of the file"),
    (&SCENARIO, "the top of the file, before the first table"),
    (&PAYLOAD, "[[payload]]"),
    (&PAYLOAD_CHECK, "an item of the `checks` of a [[payload]]"),
    (&SCHED_POLICY, "a table under `sched_policy`"),
];

/// What to do with a key that the table does not have, and another one does.
pub(crate) fn home(shape: &Shape, key: &str) -> Option<String> {
    let has = |shape: &Shape| shape.all().any(|known| known.name == key);
    if shape.name == STEP.name && has(&LOOP) {
        return Some(format!("write it under `hold`, as in hold = {{ {key} = \"100ms\" }}"));
    }
    if [CGROUP.name, WORKS.name].contains(&shape.name)
        && let Some(work) = shapes().iter().find(|work| has(work))
    {
        return Some(format!(
            "it goes into `work_type`, as in work_type = {{ type = \"{}\", {key} = … }}",
            work.name
        ));
    }
    if shape.name == SCENARIO.name && matches!(key, "cgroups" | "ops") {
        return Some(format!("did you mean [[backdrop.{key}]]? Those of a step are [[steps.{key}]]"));
    }
    if shape.name == WORKS.name && Knob::from_key(key).is_some() {
        return Some("it is a limit of the whole cgroup: write it there, beside `works`".to_owned());
    }
    let of_file = SCENARIO.all().find(|known| known.name == key && shape.name != SCENARIO.name);
    if of_file.is_some_and(|known| matches!(known.kind, Kind::Table(_))) {
        return Some(format!("it is a table of its own, [{key}]"));
    }
    // Too many tables have a name.
    if key == "name" {
        return None;
    }
    let (_, place) = HOMES.iter().find(|(other, _)| other.name != shape.name && has(other))?;
    Some(format!("it goes into {place}"))
}

/// Words for what an operation does that are not those of its name.
const VERBS: [(&str, &str); 13] = [
    ("create", "add"),
    ("make", "add"),
    ("mkdir", "add_cgroup"),
    ("new", "add"),
    ("delete", "remove"),
    ("destroy", "remove"),
    ("rmdir", "remove_cgroup"),
    ("thaw", "unfreeze"),
    ("fork", "spawn"),
    ("launch", "run"),
    ("start", "run"),
    ("exec", "run"),
    ("set_cpus", "set_cpuset"),
];

/// The operation whose name has all the words that were written, or words for the same, if it is the only
/// one.
pub(crate) fn op_word(written: &str) -> Option<&'static str> {
    let lower = written.to_lowercase().replace(['-', ' ', '.'], "_");
    let same = VERBS.iter().find(|(word, _)| *word == lower).map_or(lower.as_str(), |(_, same)| same);
    let parts: Vec<_> = same
        .split('_')
        .map(|part| VERBS.iter().find(|(word, _)| *word == part).map_or(part, |(_, same)| same))
        .filter(|part| *part != "cgroup")
        .collect();
    if parts.iter().all(|part| part.is_empty()) {
        return None;
    }
    let is_meant = |word: &&str| parts.iter().all(|part| word.split('_').any(|known| known == *part));
    let meant: Vec<_> = words().filter(is_meant).collect();
    match meant[..] {
        [one] => Some(one),
        // Of a verb alone the one that is about a cgroup is meant, as with `freeze`.
        _ => meant.into_iter().find(|word| *word == format!("{}_cgroup", parts.join("_"))),
    }
}
