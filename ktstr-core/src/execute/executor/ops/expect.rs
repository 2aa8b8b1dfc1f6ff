//! `Expect`: enables the controller that the file is of, asks what the file says, and judges it.

use crate::execute::action::Action;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::observer::{CheckResult, Observer};
use crate::execute::outcome::{FileSeen, Outcome};
use crate::judge::judgement::Witness;
use crate::judge::unjudged::Unjudged;
use crate::judge::verdict::Verdict;
use crate::model::checks::CheckKind;
use crate::model::controllers::Controllers;
use crate::model::file_check::FileCheck;

/// A file of which something is expected.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Expect<'a> {
    at: u32,
    /// Empty for one below `/proc` or `/sys`.
    path: &'a str,
    check: &'a FileCheck<'a>,
    /// Whether it has been asked for.
    asked: bool,
}

impl<'a> Expect<'a> {
    pub(in crate::execute::executor) const fn new(at: u32, path: &'a str, check: &'a FileCheck<'a>) -> Self {
        Self { at, path, check, asked: false }
    }

    fn controllers(&self) -> Controllers {
        if self.path.is_empty() { Controllers::NONE } else { self.check.controllers() }
    }

    fn judged(&self, seen: &FileSeen) -> CheckResult<'a> {
        let (verdict, unjudged) = match seen {
            FileSeen { modelled: false, .. } => (Verdict::Skip, Some(Unjudged::NoSuchFile)),
            FileSeen { held: true, .. } => (Verdict::Pass, None),
            FileSeen { held: false, .. } => (Verdict::Fail, None),
        };
        CheckResult {
            kind: CheckKind::File,
            subject: self.path,
            metric: None,
            file: Some(self.check),
            comparison: None,
            value: seen.value,
            bound: self.check.bound().unwrap_or(f64::NAN),
            verdict,
            group: None,
            witness: Witness::File(seen.text),
            unjudged,
        }
    }
}

impl<'a> Part<'a> for Expect<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        if !run.ask_to_enable(run.parent(self.at), self.controllers(), to) {
            self.asked = true;
            *to = Action::CheckFile { path: self.path, check: self.check };
        }
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        outcome: &Outcome,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        if !self.asked {
            run.enabled(run.parent(self.at), self.controllers());
            return Turn::Next;
        }
        if let Outcome::Seen(seen) = outcome {
            run.count(observer, &self.judged(seen));
        }
        Turn::Done
    }
}
