//! Notes on scenarios that are valid and say less than they seem to: a check that cannot be missed, a limit
//! that has no effect. A note never changes what is accepted, nor a verdict. The table has their codes and
//! words; finding them, which takes a view of the whole scenario, is done in `ktstr-file`.

use crate::base::text::Text;
use crate::codes;
use crate::model::site::Site;
use crate::validate::invalid::{Invalid, MESSAGE, Value};
use crate::validate::rules::ErrorKind;
use serde::{Deserialize, Serialize};

codes! {
    /// What a scenario says that has no effect, or cannot be missed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum NoteKind: Note, "that a verdict never flatters" {
        /// `isolation` of workers that no cpuset ever holds.
        IsolationWithoutCpuset = "N001":
            "`isolation` says nothing of the workers in `{name}`: no cpuset ever holds them, so that none can leave it",
            "give the cgroup or one above it a cpuset, or leave the check out";
        /// A payload of the file that nothing starts.
        PayloadNotStarted = "N002": "the payload `{name}` is never started, so that nothing of it is checked",
            "start it by an operation, in a definition or in a step, or take it out";
        /// A weight where there is a CPU for each worker.
        WeightWithoutRival = "N003":
            "`cpu_weight` of `{name}` has no effect: each of at most {value} workers can have one of {limit} CPUs",
            "start more workers than there are CPUs, or hold them on fewer CPUs by a cpuset";
        /// A weight without a cgroup to share with.
        WeightWithoutSibling = "N004": "`cpu_weight` of `{name}` has no effect: nothing runs in a cgroup beside it",
            "start workers in another cgroup of the same parent, or leave the weight out";
        /// A lower bound of the share of all groups, where there is one group.
        ShareOfOne = "N005":
            "`{other}` cannot be missed by the workers in `{name}`: they are the only group, and have all that groups have",
            "start a group to share with, or use `min_share` to ask for a share of the time";
        /// A time that is as long as all that is measured.
        LongerThanWindow = "N006":
            "`{other}` of {value} cannot be missed by the workers in `{name}`, which run for no more than {limit}",
            "lower the bound, or hold for longer";
        /// Checks of workers where there are none.
        ChecksWithoutWorkers = "N007": "`{other}` is held against nothing: no group of workers is there for it",
            "start workers, or leave the check out";
        /// A quota that the workers cannot use up.
        QuotaOutOfReach = "N008": "`cpu_max` of `{name}` has no effect: its {limit} workers cannot use {value} of a CPU",
            "lower the quota, or start more workers";
        /// A bound that no run can miss.
        BoundOutOfReach = "N009": "`{other}` of {value} cannot be missed by the workers in `{name}`",
            "set a bound that a run can miss, or leave the check out";
        /// A payload that is waited for, whatever it comes to.
        PayloadUnchecked = "N010": "the payload `{name}` has no checks: however it ends before the timeout, that is right",
            "say what has to come of it, as in `exit_code = 0`";
    }
}

/// A note on one place of a scenario. Displays as `steps[1].ops[2]: [N001] what there is to say; what to do`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note<'a> {
    /// Which note.
    pub kind: NoteKind,
    /// Where.
    pub site: Site,
    /// The cgroup or payload that it is about; may be empty.
    pub name: &'a str,
    /// The check that it is about, as scenario files spell it; may be empty.
    pub check: &'static str,
    /// The number that it is about.
    pub value: Value,
    /// What that was held against.
    pub limit: Value,
}

impl<'a> Note<'a> {
    /// A note about one name.
    pub const fn new(kind: NoteKind, site: Site, name: &'a str) -> Self {
        Self { kind, site, name, check: "", value: Value::None, limit: Value::None }
    }

    /// What there is to say.
    pub const fn what(&self) -> Text<MESSAGE> {
        self.filled(self.kind.info().what)
    }

    /// What to do about it.
    pub const fn cure(&self) -> Text<MESSAGE> {
        self.filled(self.kind.info().cure)
    }

    /// A text of the table in the words of errors, which have the same placeholders.
    const fn filled(&self, template: &str) -> Text<MESSAGE> {
        let Self { site, name, check, value, limit, .. } = *self;
        let words = Invalid { other: check, value, limit, ..Invalid::new(ErrorKind::CheckBound, site, name) };
        words.filled(template)
    }
}

impl core::fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (site, what, cure) = (self.site.to_text(), self.what(), self.cure());
        write!(f, "{}: [{}] {}; {}", site.as_str(), self.kind.code(), what.as_str(), cure.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    extern crate std;
    use std::string::ToString;

    #[test]
    fn each_note_says_everything_and_leaves_nothing_open() {
        for pair in NoteKind::ALL.windows(2) {
            assert!(pair[0].code() < pair[1].code(), "{}", pair[0].code());
        }
        for kind in NoteKind::ALL {
            let info = kind.info();
            assert!(info.code.starts_with('N') && info.code.len() == 4, "{}", info.code);
            assert!(!info.what.ends_with('.') && !info.cure.ends_with('.'), "{}", info.code);
            let note = Note {
                check: "max_gap",
                value: Value::Time(Duration::from_secs(2)),
                limit: Value::Count(1),
                ..Note::new(kind, Site::Scenario, "cell\n")
            };
            let text = note.to_string();
            assert!(text.starts_with(&std::format!("scenario: [{}] ", info.code)), "{text}");
            assert!(!text.contains(['{', '}', '\n']), "{text}");
        }
    }
}
