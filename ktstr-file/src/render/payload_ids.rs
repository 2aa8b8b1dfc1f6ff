//! The payloads of a scenario, each once, under an id that no other has: what definitions and references
//! share when a scenario is written out.

use ktstr_core::{CgroupDef, Op, Payload, Scenario};

/// All payloads that a scenario names, each once, in the order in which they are first named.
pub fn payloads<'a>(scenario: &Scenario<'a>) -> Vec<&'a Payload<'a>> {
    PayloadIds::of(scenario).entries.into_iter().map(|(_, payload)| payload).collect()
}

/// The payloads in the order in which they are first named.
pub(crate) struct PayloadIds<'a> {
    entries: Vec<(String, &'a Payload<'a>)>,
}

impl<'a> PayloadIds<'a> {
    pub(crate) fn of(scenario: &Scenario<'a>) -> Self {
        let mut ids = Self { entries: Vec::new() };
        ids.add_defs(&scenario.backdrop.cgroups);
        ids.add_ops(&scenario.backdrop.ops);
        scenario.backdrop.payloads.iter().for_each(|payload| ids.add(payload));
        for step in scenario.steps {
            ids.add_ops(step.ops);
            ids.add_defs(step.setup);
            ids.add_some(step.payload);
        }
        ids
    }

    fn add_defs(&mut self, defs: &[CgroupDef<'a>]) {
        defs.iter().for_each(|def| self.add_some(def.payload));
    }

    fn add_ops(&mut self, ops: &[Op<'a>]) {
        ops.iter().for_each(|op| self.add_some(op.payload()));
    }

    fn add_some(&mut self, payload: Option<&'a Payload<'a>>) {
        if let Some(payload) = payload {
            self.add(payload);
        }
    }

    fn add(&mut self, payload: &'a Payload<'a>) {
        if self.find(payload).is_some() {
            return;
        }
        let taken = |id: &str| self.entries.iter().any(|(other, _)| other == id);
        let mut id = payload.name.to_owned();
        let mut number = 2;
        while taken(&id) {
            id = format!("{}-{number}", payload.name);
            number += 1;
        }
        self.entries.push((id, payload));
    }

    fn find(&self, payload: &Payload<'_>) -> Option<usize> {
        self.entries.iter().position(|(_, known)| same(known, payload))
    }

    /// Where a payload stands in the list, from 0.
    pub(crate) fn index(&self, payload: &Payload<'_>) -> usize {
        self.find(payload).unwrap_or_default()
    }

    /// What a payload is called.
    pub(crate) fn id(&self, payload: &Payload<'_>) -> &str {
        self.find(payload).map_or("", |index| &self.entries[index].0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a Payload<'a>)> {
        self.entries.iter().map(|(id, payload)| (id.as_str(), *payload))
    }
}

fn same(a: &Payload<'_>, b: &Payload<'_>) -> bool {
    core::ptr::eq(a, b) || a == b
}
