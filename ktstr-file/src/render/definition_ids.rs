//! The payloads and the schedulers of a scenario, each once, under an id that no other of its kind has: what
//! definitions and references share when a scenario is written out.

use ktstr_core::{CgroupDef, Op, Payload, Scenario, Scheduler};

/// All payloads that a scenario names, each once, in the order in which they are first named.
pub fn payloads<'a>(scenario: &Scenario<'a>) -> Vec<&'a Payload<'a>> {
    DefinitionIds::of(scenario).payloads.all()
}

/// All schedulers that a scenario names, each once, in the order in which they are first named.
pub fn schedulers<'a>(scenario: &Scenario<'a>) -> Vec<&'a Scheduler<'a>> {
    DefinitionIds::of(scenario).schedulers.all()
}

/// Payloads and schedulers in the order in which they are first named.
pub(crate) struct DefinitionIds<'a> {
    payloads: Ids<'a, Payload<'a>>,
    pub(crate) schedulers: Ids<'a, Scheduler<'a>>,
}

/// Definitions of one kind, each once, with its id.
pub(crate) struct Ids<'a, T> {
    entries: Vec<(String, &'a T)>,
}

/// What is defined under a name.
pub(crate) trait Defined: PartialEq {
    fn name(&self) -> &str;
}

impl Defined for Payload<'_> {
    fn name(&self) -> &str {
        self.name
    }
}

impl Defined for Scheduler<'_> {
    fn name(&self) -> &str {
        self.name
    }
}

impl<'a> DefinitionIds<'a> {
    pub(crate) fn of(scenario: &Scenario<'a>) -> Self {
        let mut payloads = Ids { entries: Vec::new() };
        payloads.add_defs(&scenario.backdrop.cgroups);
        payloads.add_ops(&scenario.backdrop.ops);
        scenario.backdrop.payloads.iter().for_each(|payload| payloads.add(payload));
        for step in scenario.steps {
            payloads.add_ops(step.ops);
            payloads.add_defs(step.setup);
            payloads.add_some(step.payload);
        }
        let mut schedulers = Ids { entries: Vec::new() };
        scenario.schedulers().for_each(|scheduler| schedulers.add(scheduler));
        Self { payloads, schedulers }
    }

    /// Where a payload is in the list, from 0.
    pub(crate) fn index(&self, payload: &Payload<'_>) -> usize {
        self.payloads.index(|known| known == payload)
    }

    /// What a payload is called.
    pub(crate) fn id(&self, payload: &Payload<'_>) -> &str {
        self.payloads.id(|known| known == payload)
    }

    /// Where a scheduler is in the list, from 0.
    pub(crate) fn scheduler_index(&self, scheduler: &Scheduler<'_>) -> usize {
        self.schedulers.index(|known| known == scheduler)
    }

    /// What a scheduler is called.
    pub(crate) fn scheduler_id(&self, scheduler: &Scheduler<'_>) -> &str {
        self.schedulers.id(|known| known == scheduler)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a Payload<'a>)> {
        self.payloads.iter()
    }
}

impl<'a> Ids<'a, Payload<'a>> {
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
}

impl<'a, T: Defined> Ids<'a, T> {
    fn add(&mut self, definition: &'a T) {
        if self.find(|known| core::ptr::eq(known, definition) || known == definition).is_some() {
            return;
        }
        let taken = |id: &str| self.entries.iter().any(|(other, _)| other == id);
        let mut id = definition.name().to_owned();
        let mut number = 2;
        while taken(&id) {
            id = format!("{}-{number}", definition.name());
            number += 1;
        }
        self.entries.push((id, definition));
    }

    fn find(&self, is_it: impl Fn(&T) -> bool) -> Option<usize> {
        self.entries.iter().position(|(_, known)| is_it(known))
    }

    fn all(self) -> Vec<&'a T> {
        self.entries.into_iter().map(|(_, definition)| definition).collect()
    }

    fn index(&self, is_it: impl Fn(&T) -> bool) -> usize {
        self.find(is_it).unwrap_or_default()
    }

    fn id(&self, is_it: impl Fn(&T) -> bool) -> &str {
        self.find(is_it).map_or("", |index| &self.entries[index].0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a T)> {
        self.entries.iter().map(|(id, definition)| (id.as_str(), *definition))
    }
}
