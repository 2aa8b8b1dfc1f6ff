//! What is said of a work type apart from its values, and of an argument that is out of range.

use super::WorkType;
use crate::model::field::{FieldInfo, FieldKind, FieldValue};

/// A row of the table, as readers, writers, documentation and generators see it.
#[derive(Debug)]
pub struct WorkTypeInfo<T: 'static = WorkType> {
    /// Its name, as scenario files and Rust spell it.
    pub name: &'static str,
    /// What it does, as a sentence or two.
    pub doc: &'static str,
    /// Its arguments, in order, with the usual value of each.
    pub fields: &'static [FieldInfo],
    /// The `const fn` that makes it.
    pub constructor: &'static str,
    /// The keys of the arguments that the constructor takes, in order; the others then have their usual
    /// values.
    pub parameters: &'static [&'static str],
    /// One with its usual arguments.
    pub usual: T,
    /// How many work together, as an expression of the arguments.
    pub team: &'static str,
    /// Whether it sleeps or waits, so that times from wake-up to running can be measured.
    pub wakes: bool,
}

/// An argument that is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit {
    /// Which.
    pub field: &'static FieldInfo,
    /// What it is.
    pub value: FieldValue,
    /// In which range it would fit, given the other arguments.
    pub kind: FieldKind,
}

impl WorkType {
    /// The work type of this name with its usual arguments.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::DEFAULTS.into_iter().find(|work_type| work_type.name() == name)
    }

    /// Whether its arguments are in range.
    pub const fn is_valid(&self) -> bool {
        self.misfit().is_none()
    }

    /// Its arguments, in order.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static FieldInfo, FieldValue)> + '_ {
        let fields = self.info().fields.iter().enumerate();
        fields.filter_map(|(index, field)| Some((field, self.argument(index)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    #[test]
    fn names_and_defaults_agree() {
        for (name, default) in WorkType::ALL_NAMES.into_iter().zip(WorkType::DEFAULTS) {
            assert_eq!(WorkType::from_name(name), Some(default));
            assert!(default.is_valid(), "{name}");
            assert_eq!((default.info().name, default.info().usual), (name, default));
            assert!(default.arguments().all(|(field, value)| field.usual == Some(value)), "{name}");
        }
        assert_eq!(WorkType::from_name("Spinwait"), None);
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_range() {
        let least = Duration::from_nanos(1);
        let time = |key, value| {
            let kind = FieldKind::Time { least, most: Duration::MAX };
            Some((key, FieldValue::Time(value), kind))
        };
        let count = |key, value, most| {
            let kind = FieldKind::Count { least: 1, most };
            Some((key, FieldValue::Count(value), kind))
        };
        let all = u64::from(u32::MAX);
        for (work, misfit) in [
            (WorkType::SpinWait, None),
            (WorkType::bursty(least, Duration::MAX), None),
            (WorkType::bursty(Duration::ZERO, Duration::ZERO), time("burst", Duration::ZERO)),
            (WorkType::idle_churn(least, Duration::ZERO), time("sleep", Duration::ZERO)),
            (WorkType::pipe_io(0), count("iters", 0, all)),
            (WorkType::futex_ping_pong(0), None),
            (WorkType::cache_pressure(0, 1), count("kib", 0, all)),
            (WorkType::cache_pressure(1, 1024), None),
            (WorkType::cache_pressure(1, 1025), count("stride", 1025, 1024)),
            (WorkType::cache_pressure(u32::MAX, u32::MAX), None),
            (WorkType::page_fault_churn(0), count("kib", 0, all)),
        ] {
            let found = work.misfit().map(|misfit| (misfit.field.key, misfit.value, misfit.kind));
            assert_eq!(found, misfit, "{work:?}");
            assert_eq!(work.is_valid(), misfit.is_none(), "{work:?}");
        }
    }

    #[test]
    fn what_is_said_of_each_is_complete() {
        for work in WorkType::DEFAULTS {
            let info = work.info();
            let docs = [info.doc].into_iter().chain(info.fields.iter().map(|field| field.doc));
            for doc in docs {
                assert!(doc.ends_with('.') && doc.trim() == doc, "{}: {doc:?}", info.name);
            }
            let known = |key: &&str| info.fields.iter().any(|field| field.key == *key);
            assert!(info.parameters.iter().all(known), "{}", info.name);
            let profile = work.profile();
            assert!(profile.cap > 0.0 && profile.cap <= 1.0, "{work:?}");
            assert!(profile.cost_ns >= 1.0 && profile.cost_ns.is_finite(), "{work:?}");
            assert!(profile.units >= 1.0 && profile.units.is_finite(), "{work:?}");
        }
    }
}
