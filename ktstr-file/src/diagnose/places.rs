//! Where everything is in a file: the parts of the scenario, and the keys of each. The loader notes it
//! while it reads; an error of meaning knows its part and its key, and so its place. Nothing is looked for in
//! the text.

use crate::diagnose::flawed::{is_of_payload, is_of_scheduler};
use crate::load::source::{Lines, Place};
use ktstr_core::rules::ErrorKind;
use ktstr_core::{Invalid, Op, OpValue, Part, Placement, Scenario, Site};
use std::collections::BTreeMap;

/// What a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// A part of the scenario.
    Site(Site),
    /// One of the groups of workers of such a part.
    Work(Site, u32),
    /// A definition of a payload, by its place among them.
    Payload(u32),
    /// The same of a scheduler.
    Scheduler(u32),
}

/// What the loader has noted so far, in bytes from the start of the text.
#[derive(Debug)]
pub(crate) struct Noted {
    /// What is being read.
    owner: Owner,
    sites: BTreeMap<Site, usize>,
    keys: BTreeMap<(Owner, &'static str), usize>,
    payloads: Vec<String>,
    schedulers: Vec<String>,
}

impl Noted {
    pub(crate) fn new() -> Self {
        Self {
            owner: Owner::Site(Site::Scenario),
            sites: BTreeMap::new(),
            keys: BTreeMap::new(),
            payloads: Vec::new(),
            schedulers: Vec::new(),
        }
    }

    /// From now on a part is read, which begins at `at`; gives what was read before.
    pub(crate) fn enter(&mut self, site: Site, at: usize) -> Owner {
        self.sites.insert(site, at);
        std::mem::replace(&mut self.owner, Owner::Site(site))
    }

    /// From now on a group of workers of that part is read.
    pub(crate) fn enter_work(&mut self, index: u32, at: usize) -> Owner {
        let work = match self.owner {
            Owner::Site(site) | Owner::Work(site, _) => Owner::Work(site, index),
            Owner::Payload(_) | Owner::Scheduler(_) => self.owner,
        };
        self.keys.entry((work, "")).or_insert(at);
        std::mem::replace(&mut self.owner, work)
    }

    /// From now on the definition of a payload is read.
    pub(crate) fn enter_payload(&mut self) -> Owner {
        let index = self.payloads.len() as u32;
        self.payloads.push(String::new());
        std::mem::replace(&mut self.owner, Owner::Payload(index))
    }

    /// What the payload is called whose definition was entered last.
    pub(crate) fn name_payload(&mut self, name: &str) {
        if let Some(last) = self.payloads.last_mut() {
            name.clone_into(last);
        }
    }

    /// From now on the definition of a scheduler is read.
    pub(crate) fn enter_scheduler(&mut self) -> Owner {
        let index = self.schedulers.len() as u32;
        self.schedulers.push(String::new());
        std::mem::replace(&mut self.owner, Owner::Scheduler(index))
    }

    /// What the scheduler is called whose definition was entered last.
    pub(crate) fn name_scheduler(&mut self, name: &str) {
        if let Some(last) = self.schedulers.last_mut() {
            name.clone_into(last);
        }
    }

    /// Goes on with what was read before.
    pub(crate) fn leave(&mut self, to: Owner) {
        self.owner = to;
    }

    /// A key of what is being read. Of keys that are spelt alike the outer one counts, which is noted first.
    pub(crate) fn key(&mut self, key: &'static str, at: usize) {
        self.keys.entry((self.owner, key)).or_insert(at);
    }

    /// The same as lines and columns.
    pub(crate) fn places(&self, lines: &Lines<'_>) -> Places {
        Places {
            sites: self.sites.iter().map(|(site, at)| (*site, lines.place(*at))).collect(),
            keys: self.keys.iter().map(|(key, at)| (*key, lines.place(*at))).collect(),
            payloads: self.payloads.clone(),
            schedulers: self.schedulers.clone(),
        }
    }
}

/// Where the parts of a scenario and their keys stand.
#[derive(Debug)]
pub(crate) struct Places {
    sites: BTreeMap<Site, Place>,
    keys: BTreeMap<(Owner, &'static str), Place>,
    /// What each payload that is defined is called.
    payloads: Vec<String>,
    /// What each scheduler that is defined is called.
    schedulers: Vec<String>,
}

impl Places {
    /// Where a part is, else the step or Backdrop it is in, else the start of the file.
    pub(crate) fn site(&self, site: Site) -> Place {
        let around = around(site);
        let place = self.sites.get(&site).or_else(|| self.sites.get(&around));
        place.copied().unwrap_or(Place { line: 1, column: 1 })
    }

    /// Where the key is that an error is about, else the part.
    pub(crate) fn of(&self, invalid: &Invalid<'_>, scenario: &Scenario<'_>) -> Place {
        let by_key = self.by_key(invalid);
        by_key.or_else(|| self.by_name(invalid, scenario)).unwrap_or_else(|| self.site(invalid.site))
    }

    /// The key that the error says itself.
    fn by_key(&self, invalid: &Invalid<'_>) -> Option<Place> {
        let work = invalid.work.map(|index| Owner::Work(invalid.site, index));
        let place = |all: &[String]| all.iter().position(|name| name == invalid.name);
        let of_payload = place(&self.payloads).filter(|_| is_of_payload(invalid.kind));
        let of_scheduler = place(&self.schedulers)
            .filter(|_| is_of_scheduler(invalid.kind) || invalid.kind == ErrorKind::SchedulerPlaceholder);
        let defined = of_payload
            .map(|index| Owner::Payload(index as u32))
            .or(of_scheduler.map(|index| Owner::Scheduler(index as u32)));
        let mut owners = [work, Some(Owner::Site(invalid.site)), defined].into_iter().flatten();
        let key = |key| owners.clone().find_map(|owner| self.keys.get(&(owner, key)));
        let found = invalid.keys().find_map(key);
        if invalid.kind == ErrorKind::CheckBound {
            return self.of_check(invalid.name);
        }
        // What a group of workers lacks has no key of its own.
        found.or_else(|| owners.find_map(|owner| self.keys.get(&(owner, "")))).copied()
    }

    /// The key of a check of the scenario, which is called as the key is.
    fn of_check(&self, name: &str) -> Option<Place> {
        let called = |key: &str| key.trim_end_matches("_pct") == name.trim_end_matches("_pct");
        let mut keys = self.keys.iter().filter(|((owner, _), _)| *owner == Owner::Site(Site::Scenario));
        keys.find(|((_, key), _)| called(key)).map(|(_, place)| *place)
    }

    /// The key whose value is the name that the error is about.
    fn by_name(&self, invalid: &Invalid<'_>, scenario: &Scenario<'_>) -> Option<Place> {
        let names = [invalid.name, invalid.other].into_iter().filter(|name| !name.is_empty());
        let key = |site, key| self.keys.get(&(Owner::Site(site), key)).copied();
        let (of, part) = match invalid.site {
            Site::Backdrop(part) => (&*scenario.backdrop.ops, part),
            Site::Step { step, part } => (scenario.steps.get(step as usize)?.ops, part),
            Site::Scenario | Site::Teardown => return None,
        };
        match part {
            Part::Cgroup(_) => key(invalid.site, "name"),
            Part::Payload(_) => key(around(invalid.site), "payload"),
            Part::Scheduler => key(around(invalid.site), "scheduler"),
            Part::Op(index) => {
                let op = of.get(index as usize)?;
                let named = names.chain([""]).find_map(|name| self.name_in(invalid.site, op, name));
                named.or_else(|| key(invalid.site, "name"))
            }
            Part::Whole | Part::Hold | Part::End => None,
        }
    }

    /// The key of an operation that has this name as its value.
    fn name_in(&self, site: Site, op: &Op<'_>, name: &str) -> Option<Place> {
        op.fields()
            .filter(|field| is_named(&field.value, name))
            .find_map(|field| self.keys.get(&(Owner::Site(site), field.info.key)).copied())
    }
}

/// The step or Backdrop that a part is in.
fn around(site: Site) -> Site {
    match site {
        Site::Backdrop(_) => Site::Backdrop(Part::Whole),
        Site::Step { step, .. } => Site::Step { step, part: Part::Whole },
        Site::Scenario | Site::Teardown => Site::Scenario,
    }
}

fn is_named(value: &OpValue<'_, '_>, name: &str) -> bool {
    match value {
        OpValue::Cgroup(path)
        | OpValue::NewCgroup(path)
        | OpValue::PayloadName(path)
        | OpValue::Tag(path)
        | OpValue::Text(path) => *path == name,
        OpValue::Placement(Placement::Cgroup(path)) | OpValue::Home(Placement::Cgroup(path)) => *path == name,
        OpValue::Placement(Placement::RunnerCgroup) | OpValue::Home(Placement::RunnerCgroup) => false,
        OpValue::Payload(payload) => payload.name == name,
        OpValue::Scheduler(scheduler) => scheduler.name == name,
        OpValue::Absent
        | OpValue::Cpuset(_)
        | OpValue::Affinity(_)
        | OpValue::Work(_)
        | OpValue::Def(_)
        | OpValue::Limits(_)
        | OpValue::FileCheck(_)
        | OpValue::Texts(_)
        | OpValue::Time(_)
        | OpValue::Bytes(_)
        | OpValue::Nice(_)
        | OpValue::Policy(_)
        | OpValue::Count(_)
        | OpValue::Flag(_) => false,
    }
}
