//! Collects what is wrong with a derive, so that the compiler shows all of it at once.

use syn::Error;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Problems {
    found: Option<Error>,
}

impl Problems {
    /// Notes an error.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// The value of `result`; its error is noted.
    pub(crate) fn take<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// `value` if nothing is wrong.
    ///
    /// # Errors
    /// All errors in one.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Error> {
        self.found.map_or(Ok(value), Err)
    }
}
