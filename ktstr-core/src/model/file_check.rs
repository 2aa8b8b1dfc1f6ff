//! What a file is expected to say: a control file of a cgroup, or one below `/proc` or `/sys`. Which part of
//! a text is looked at and whether it holds is decided here, for every backend alike; when the file is read
//! is the backend's.

use crate::base::name::{equal, equal_bytes};
use crate::model::controllers::{Controller, Controllers};
use core::time::Duration;
use serde::Serialize;

/// What a file is expected to say. All that is said has to hold, of one reading.
///
/// ```
/// use ktstr_core::FileCheck;
///
/// const KILLED: FileCheck = FileCheck::file("memory.events").key("oom_kill").min(1.0);
/// let said = "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n";
/// assert_eq!(KILLED.part(said), Some("1"));
/// assert!(KILLED.holds(KILLED.part(said), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FileCheck<'a> {
    /// The name of a control file, or a path below `/proc` or `/sys`.
    pub file: &'a str,
    /// Which of its values: `oom_kill` of a line `oom_kill 3`, `some.avg10` of `some avg10=0.00 total=1`,
    /// `8:0.rbytes` of `8:0 rbytes=4096`, `MemFree` of `MemFree: 12 kB`. Where it is not said, all of the
    /// text.
    pub key: Option<&'a str>,
    /// The text of the value, without blanks around it.
    pub equals: Option<&'a str>,
    /// What is in the text of the value.
    pub contains: Option<&'a str>,
    /// The lowest number that it may be. `max` is more than any number.
    pub min: Option<f64>,
    /// The highest number that it may be.
    pub max: Option<f64>,
    /// By how much it has changed since the step began; a file that was not there then said 0.
    pub change: Option<Change>,
    /// How long it may take until all of it holds; where it is not said, it has to hold at once.
    pub within: Option<Duration>,
}

/// The bounds of a change.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Change {
    /// The least.
    pub min: Option<f64>,
    /// The most.
    pub max: Option<f64>,
}

impl Change {
    /// At least so much.
    pub const fn at_least(min: f64) -> Self {
        Self { min: Some(min), max: None }
    }

    /// At most so much.
    pub const fn at_most(max: f64) -> Self {
        Self { min: None, max: Some(max) }
    }
}

/// The keys of `cpu.stat` that every cgroup has; the others are the cpu controller's.
const OF_EVERY_CPU_STAT: [&str; 5] =
    ["usage_usec", "user_usec", "system_usec", "nice_usec", "core_sched.force_idle_usec"];

impl<'a> FileCheck<'a> {
    /// Of this file; what is expected of it is said by the methods below.
    pub const fn file(file: &'a str) -> Self {
        Self {
            file,
            key: None,
            equals: None,
            contains: None,
            min: None,
            max: None,
            change: None,
            within: None,
        }
    }

    /// Of this value in it, see [`key`](Self::key).
    #[must_use]
    pub const fn key(self, key: &'a str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// It is this text.
    #[must_use]
    pub const fn equals(self, text: &'a str) -> Self {
        Self { equals: Some(text), ..self }
    }

    /// It has this in it.
    #[must_use]
    pub const fn contains(self, text: &'a str) -> Self {
        Self { contains: Some(text), ..self }
    }

    /// It is this number or more.
    #[must_use]
    pub const fn min(self, min: f64) -> Self {
        Self { min: Some(min), ..self }
    }

    /// It is this number or less.
    #[must_use]
    pub const fn max(self, max: f64) -> Self {
        Self { max: Some(max), ..self }
    }

    /// It has changed by so much since the step began.
    #[must_use]
    pub const fn change(self, change: Change) -> Self {
        Self { change: Some(change), ..self }
    }

    /// It holds at the latest after this time.
    #[must_use]
    pub const fn within(self, within: Duration) -> Self {
        Self { within: Some(within), ..self }
    }

    /// Whether the file is one below `/proc` or `/sys`, and not a cgroup's.
    pub const fn is_path(&self) -> bool {
        matches!(self.file.as_bytes(), [b'/', ..])
    }

    /// Whether something is expected at all.
    pub const fn says_something(&self) -> bool {
        self.equals.is_some()
            || self.contains.is_some()
            || self.min.is_some()
            || self.max.is_some()
            || self.change.is_some()
    }

    /// Whether some value meets the bounds, as far as they are numbers.
    pub const fn can_hold(&self) -> bool {
        const fn ordered(min: Option<f64>, max: Option<f64>) -> bool {
            match (min, max) {
                (Some(min), Some(max)) => min <= max,
                (Some(one), None) | (None, Some(one)) => !one.is_nan(),
                (None, None) => true,
            }
        }
        match self.change {
            Some(Change { min: None, max: None }) => false,
            Some(change) => ordered(self.min, self.max) && ordered(change.min, change.max),
            None => ordered(self.min, self.max),
        }
    }

    /// The first bound that is a number.
    pub fn bound(&self) -> Option<f64> {
        let change = self.change.unwrap_or_default();
        self.min.or(self.max).or(change.min).or(change.max)
    }

    /// The controllers without which the cgroup would not have the file, or the value in it.
    pub const fn controllers(&self) -> Controllers {
        let mut i = 0;
        while i < Controller::ALL.len() {
            let controller = Controller::ALL[i];
            if has_prefix(self.file, controller.name()) && !self.is_of_every_cgroup() {
                return Controllers::NONE.with(controller);
            }
            i += 1;
        }
        Controllers::NONE
    }

    /// Files that are called as those of a controller are, and are there without it.
    const fn is_of_every_cgroup(&self) -> bool {
        let pressure = equal(self.file, "cpu.pressure")
            || equal(self.file, "memory.pressure")
            || equal(self.file, "io.pressure");
        if pressure || !equal(self.file, "cpu.stat") {
            return pressure;
        }
        let Some(key) = self.key else { return true };
        let mut i = 0;
        while i < OF_EVERY_CPU_STAT.len() {
            if equal(key, OF_EVERY_CPU_STAT[i]) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// The value that is looked at, of the file's text; `None` where it has no such key.
    pub fn part<'t>(&self, text: &'t str) -> Option<&'t str> {
        let Some(key) = self.key else { return Some(text.trim()) };
        let flat = text.lines().find_map(|line| {
            let (name, value) = line.split_once(|c: char| c.is_ascii_whitespace())?;
            (name.trim_end_matches(':') == key).then(|| value.trim())
        });
        flat.or_else(|| {
            let (head, tail) = key.rsplit_once('.')?;
            let line = text.lines().find(|line| line.split_ascii_whitespace().next() == Some(head))?;
            let mut pairs = line.split_ascii_whitespace().filter_map(|word| word.split_once('='));
            pairs.find_map(|(name, value)| (name == tail).then_some(value))
        })
    }

    /// Whether all that is said holds of a value; `before` is its number when the step began.
    pub fn holds(&self, part: Option<&str>, before: Option<f64>) -> bool {
        let Some(part) = part else { return false };
        let within = |number: Option<f64>, min: Option<f64>, max: Option<f64>| {
            let fits =
                |number: f64| min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max);
            min.is_none() && max.is_none() || number.is_some_and(fits)
        };
        let number = number_of(part);
        let change = self.change.unwrap_or_default();
        self.equals.is_none_or(|text| part == text.trim())
            && self.contains.is_none_or(|text| part.contains(text))
            && within(number, self.min, self.max)
            && within(number.map(|now| now - before.unwrap_or(0.0)), change.min, change.max)
    }
}

/// The number that a value begins with; `max` is infinite.
pub(crate) fn number_of(part: &str) -> Option<f64> {
    let word = part.split_ascii_whitespace().next()?;
    if word == "max" { Some(f64::INFINITY) } else { word.parse().ok() }
}

/// Whether a file is called `<prefix>.…`.
const fn has_prefix(file: &str, prefix: &str) -> bool {
    let (file, prefix) = (file.as_bytes(), prefix.as_bytes());
    if file.len() <= prefix.len() || file[prefix.len()] != b'.' {
        return false;
    }
    equal_bytes(file.split_at(prefix.len()).0, prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_each_form_of_file() {
        let pressure = "some avg10=1.50 avg60=0.00 total=7\nfull avg10=0.25 avg60=0.00 total=3\n";
        for (text, key, part) in [
            ("4\n", None, Some("4")),
            ("a 1\nb 2\n", Some("b"), Some("2")),
            ("a 1\nb 2\n", Some("c"), None),
            ("ab 1\na 2\n", Some("a"), Some("2")),
            ("MemTotal:  12 kB\n", Some("MemTotal"), Some("12 kB")),
            ("core_sched.force_idle_usec 9\n", Some("core_sched.force_idle_usec"), Some("9")),
            (pressure, Some("full.avg10"), Some("0.25")),
            (pressure, Some("some.total"), Some("7")),
            (pressure, Some("some.none"), None),
            ("8:0 rbytes=5 wbytes=6\n", Some("8:0.wbytes"), Some("6")),
            ("", Some("a"), None),
            ("", None, Some("")),
        ] {
            let check = FileCheck { key, ..FileCheck::file("f") };
            assert_eq!(check.part(text), part, "{key:?} of {text:?}");
        }
    }

    #[test]
    fn all_that_is_said_has_to_hold() {
        let check = FileCheck::file("f");
        for (check, part, before, holds) in [
            (check.equals("0-3"), "0-3", None, true),
            (check.equals("0-3"), "0-4", None, false),
            (check.contains("cpu"), "cpuset cpu", None, true),
            (check.contains("io"), "cpuset cpu", None, false),
            (check.min(2.0), "2", None, true),
            (check.min(2.0), "1.99", None, false),
            (check.min(2.0), "max", None, true),
            (check.max(2.0), "max", None, false),
            (check.min(2.0), "none", None, false),
            (check.min(1.0).max(2.0), "3", None, false),
            (check.change(Change::at_least(1.0)), "3", Some(2.0), true),
            (check.change(Change::at_least(1.0)), "2", Some(2.0), false),
            (check.change(Change::at_most(0.0)), "2", Some(2.0), true),
            (check.change(Change::at_least(2.0)), "2", None, true),
            (check.equals("2").min(3.0), "2", None, false),
            (check.max(12.0), "12 kB", None, true),
        ] {
            assert_eq!(check.holds(Some(part), before), holds, "{check:?} of {part:?}");
            assert!(!check.holds(None, before), "{check:?} of nothing");
        }
    }

    #[test]
    fn a_file_needs_the_controller_that_it_is_of() {
        for (file, key, expected) in [
            ("memory.events", Some("oom_kill"), "memory"),
            ("memory.pressure", None, ""),
            ("cpu.stat", Some("usage_usec"), ""),
            ("cpu.stat", Some("nr_throttled"), "cpu"),
            ("cpuset.cpus.effective", None, "cpuset"),
            ("cpu.weight", None, "cpu"),
            ("pids.peak", None, "pids"),
            ("cgroup.events", None, ""),
            ("/proc/stat", None, ""),
        ] {
            let check = FileCheck { key, ..FileCheck::file(file) };
            extern crate std;
            assert_eq!(std::string::ToString::to_string(&check.controllers()), expected, "{file}");
        }
    }
}
