//! What files are expected to say. Of files that are not modelled nothing is known, and the answer says so.

use super::{Answer, MockBackend, about};
use crate::errno::Errno;
use core::time::Duration;
use ktstr_core::{FileCheck, FileSeen, Outcome};

/// How much time passes between two readings, at most.
const PACE: Duration = Duration::from_millis(1);

/// What a value was when the step began.
#[derive(Debug)]
pub(super) struct Note {
    path: String,
    file: String,
    key: Option<String>,
    number: f64,
}

impl Note {
    fn is_of(&self, path: &str, check: &FileCheck<'_>) -> bool {
        self.path == path && self.file == check.file && self.key.as_deref() == check.key
    }
}

impl MockBackend {
    pub(super) fn note_file(&mut self, path: &str, check: &FileCheck<'_>) -> Answer {
        self.notes.retain(|note| !note.is_of(path, check));
        let Ok(Some(text)) = self.read_modelled(path, check) else { return Ok(Outcome::Done) };
        let value = FileSeen::of(&FileCheck { change: None, ..*check }, Some(&text), None).value;
        if let Some(number) = value {
            let key = check.key.map(str::to_owned);
            self.notes.push(Note { path: path.to_owned(), file: check.file.to_owned(), key, number });
        }
        Ok(Outcome::Done)
    }

    pub(super) fn check_file(&mut self, path: &str, check: &FileCheck<'_>) -> Answer {
        let before = self.notes.iter().find(|note| note.is_of(path, check)).map(|note| note.number);
        let mut left = check.within.unwrap_or_default();
        loop {
            let Some(text) = self.read_modelled(path, check).map_err(about(check.file))? else {
                return Ok(Outcome::Seen(FileSeen::UNKNOWN));
            };
            let seen = FileSeen::of(check, Some(&text), before);
            if seen.held || left.is_zero() {
                return Ok(Outcome::Seen(seen));
            }
            let step = left.min(PACE);
            self.advance(step);
            left -= step;
        }
    }

    /// The text of a file; `None` where this is no model of it.
    fn read_modelled(&mut self, path: &str, check: &FileCheck<'_>) -> Result<Option<String>, Errno> {
        self.costs.file_read();
        if check.is_path() && path.is_empty() {
            return Ok(None);
        }
        let id = self.resolve(path)?;
        if check.file.contains('/') {
            return Err(Errno::ENOENT);
        }
        self.kernel.read_modelled(id, check.file, check.key)
    }
}
