//! Why a check was skipped: the reason is a value, and its sentence is here.

use crate::model::knob::Knob;
use core::fmt;
use serde::Serialize;

/// Why a check was asked for and not judged. Such a check is a
/// [`Skip`](crate::judge::verdict::Verdict::Skip), never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Unjudged {
    /// It compares the workers of a group, and this one has a single worker.
    SingleWorker,
    /// It is about waking up, and these workers never wait.
    NeverWaits,
    /// It rests on how a program ended or what it printed, and the backend ran none: see
    /// [`PayloadEnd::assumed`](crate::execute::outcome::PayloadEnd::assumed).
    AssumedEnd,
    /// It rests on how a scheduler fared, and the backend ran none.
    AssumedScheduler,
    /// The scenario sets this control file, which has no effect on the backend and would have one on the
    /// workers: see [`Backend::unmodelled`](crate::execute::backend::Backend::unmodelled).
    NotModelled(Knob),
    /// It is about a file that the backend does not have, and a real kernel may.
    NoSuchFile,
}

impl fmt::Display for Unjudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::SingleWorker => "there is one worker only, and nothing to compare it with",
            Self::NeverWaits => "these workers never wait, so they are never woken",
            Self::NotModelled(knob) => {
                return write!(f, "{} has no effect on this backend", knob.info().file);
            }
            Self::NoSuchFile => "this backend does not model the file",
            Self::AssumedScheduler => "no scheduler was loaded: how it fared is assumed",
            Self::AssumedEnd => "no program was run: its ending and its output are assumed",
        })
    }
}
